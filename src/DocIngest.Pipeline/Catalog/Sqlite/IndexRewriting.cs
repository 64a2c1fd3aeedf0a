using DocIngest.Pipeline.Database;
using Microsoft.Data.Sqlite;

namespace DocIngest.Pipeline.Catalog;

/// <summary>Writes the full-text index anew from what it holds.</summary>
/// <remarks>
/// FTS5's <c>secure-delete</c> takes a removed record's terms out of the index's leaves, not out of the table of where each leaf begins: there a
/// word that nobody has any more can stand on, and it may be a name. Only a merge makes that table anew.
/// </remarks>
internal sealed class IndexRewriting(SqliteDatabase database)
{
    private const long FewRecords = 500;   // FTS5 makes their index anew in one step of some hundred milliseconds

    // A merge's steps are as many as the index has pages, over the pages of a step. Intake may add segments for ever: those were never ours to merge.
    private const long PagesOfStep = 500;
    private const long MoreSteps = 50;

    /// <summary>Does it; in single steps, between which others write.</summary>
    /// <exception cref="OperationCanceledException">The index is as good as before.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        long steps = await database.WriteAsync((connection, transaction) => Begin(connection, transaction), cancellation);
        while (steps-- > 0 && await database.WriteAsync((_, transaction) => CatalogTables.MergeStep(transaction, CatalogTables.LivePrefix, whole: true), cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private static long Begin(SqliteConnection connection, SqliteTransaction transaction)
    {
        if (Ask(connection, transaction, $"SELECT count(*) FROM (SELECT 1 FROM catalog_records LIMIT {FewRecords + 1})") <= FewRecords)
        {
            CatalogTables.Execute(transaction, "INSERT INTO catalog_fts (catalog_fts) VALUES ('rebuild')");
            return 0;
        }

        // One segment alone counts as merged: the newest record, indexed once more, makes a second.
        CatalogTables.Execute(transaction, "UPDATE catalog_fts SET body = body WHERE rowid = (SELECT max(key) FROM catalog_records)");
        return (2 * Ask(connection, transaction, "SELECT count(*) FROM catalog_fts_data") / PagesOfStep) + MoreSteps;
    }

    private static long Ask(SqliteConnection connection, SqliteTransaction transaction, string sql)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        return (long)(command.ExecuteScalar() ?? 0L);
    }
}
