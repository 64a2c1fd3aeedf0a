using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;

namespace DocIngest.Pipeline.Catalog;

/// <summary>
/// The tables that a rebuild replaces, as a set with a prefix: live, shadow (being filled) or discarded (being emptied).
/// A shadow set is made from the live set's own definitions, so it follows later migrations by itself.
/// </summary>
internal static partial class CatalogTables
{
    public const string LivePrefix = "catalog";
    public const string ShadowPrefix = "rebuild";
    public const string DiscardedPrefix = "discarded";

    // A slice of 4 KB index pages is 8 MB of log: tens of milliseconds in which writers wait.
    private const int SliceRows = 2_000;

    // 4 KB each: 2 MB read and written in one step.
    private const int MergePages = 500;

    private static readonly string[] Plain = ["records", "versions", "fields", "figures"];
    private static readonly string[] FullTextParts = ["fts_data", "fts_idx", "fts_content", "fts_docsize"];

    /// <summary>Makes an empty shadow set.</summary>
    public static void CreateShadow(SqliteTransaction transaction)
    {
        foreach (string table in Plain.Append("fts"))
        {
            foreach (string definition in Definitions(transaction, $"{LivePrefix}_{table}"))
            {
                Execute(transaction, ShadowOf(definition, transaction));
            }
        }

        Execute(transaction,
            """
            INSERT INTO rebuild_fts (rebuild_fts, rank)
            SELECT k, v FROM catalog_fts_config WHERE k <> 'version'
            """);
    }

    /// <summary>Sets one of FTS5's own settings on a set.</summary>
    public static void Configure(SqliteTransaction transaction, string prefix, string setting, long value) =>
        Execute(transaction, $"INSERT INTO {prefix}_fts ({prefix}_fts, rank) VALUES ('{setting}', {value})");

    /// <summary>Merges some pages of a set's full-text index: segments of all levels, or only where enough have gathered. False where there was nothing to merge.</summary>
    public static bool MergeStep(SqliteTransaction transaction, string prefix, bool whole)
    {
        // FTS5 documentation, "The 'merge' Command": negative means all levels; fewer than two changed rows mean nothing was merged.
        long before = Changes(transaction);
        Configure(transaction, prefix, "merge", whole ? -MergePages : MergePages);
        return Changes(transaction) - before >= 2;
    }

    /// <summary>The shadow set becomes live, the live set discarded. Instant, whatever their size.</summary>
    public static void Swap(SqliteTransaction transaction)
    {
        foreach (string table in Plain.Append("fts"))
        {
            Execute(transaction, $"ALTER TABLE {LivePrefix}_{table} RENAME TO {DiscardedPrefix}_{table}");
            Execute(transaction, $"ALTER TABLE {ShadowPrefix}_{table} RENAME TO {LivePrefix}_{table}");
        }
    }

    /// <summary>
    /// Takes one slice from a set, and drops the tables that are empty. True while something is left. Emptied in slices, since
    /// with secure_delete a dropped page is overwritten, and overwriting them all at once would stop every writer.
    /// </summary>
    public static bool DropSlice(SqliteTransaction transaction, string prefix)
    {
        foreach (string table in FullTextParts.Concat(Plain).Select(part => $"{prefix}_{part}").Where(table => Exists(transaction, table)))
        {
            string key = string.Join(", ", KeyColumns(transaction, table));
            if (Execute(transaction, $"DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} LIMIT {SliceRows})") > 0)
            {
                return true;
            }
        }

        foreach (string table in Plain.Append("fts"))
        {
            Execute(transaction, $"DROP TABLE IF EXISTS {prefix}_{table}");
        }

        return false;
    }

    public static int Execute(SqliteTransaction transaction, string sql)
    {
        using var command = Command(transaction, sql);
        return command.ExecuteNonQuery();
    }

    private static List<string> Definitions(SqliteTransaction transaction, string table)
    {
        // Tables before their indexes; automatic indexes have no definition.
        return Strings(transaction, $"SELECT sql FROM sqlite_schema WHERE tbl_name = '{table}' AND sql IS NOT NULL ORDER BY type DESC");
    }

    // A renamed table keeps its indexes under their old names, so each generation of them takes new ones.
    private static string ShadowOf(string definition, SqliteTransaction transaction)
    {
        var index = IndexName().Match(definition);
        if (!index.Success)
        {
            return TableName().Replace(definition, $"{ShadowPrefix}_", 1);
        }

        string name = index.Groups["base"].Value;
        int generation = 1;
        while (Exists(transaction, $"{name}_g{generation}"))
        {
            generation++;
        }

        return $"CREATE INDEX {name}_g{generation} ON {TableName().Replace(definition[index.Length..], $"{ShadowPrefix}_", 1)}";
    }

    private static bool Exists(SqliteTransaction transaction, string name) =>
        Strings(transaction, $"SELECT name FROM sqlite_schema WHERE name = '{name}'").Count > 0;

    private static List<string> KeyColumns(SqliteTransaction transaction, string table) =>
        Strings(transaction, $"SELECT name FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk");

    private static long Changes(SqliteTransaction transaction)
    {
        using var command = Command(transaction, "SELECT total_changes()");
        return (long)(command.ExecuteScalar() ?? 0L);
    }

    private static List<string> Strings(SqliteTransaction transaction, string sql)
    {
        using var command = Command(transaction, sql);
        using var rows = command.ExecuteReader();
        var values = new List<string>();
        while (rows.Read())
        {
            values.Add(rows.GetString(0));
        }

        return values;
    }

    private static SqliteCommand Command(SqliteTransaction transaction, string sql)
    {
        var connection = transaction.Connection ?? throw new InvalidOperationException("The transaction has ended.");
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;   // only constants of this class and names from the schema itself
        return command;
    }

    [GeneratedRegex(@"^CREATE INDEX ""?(?<base>\w+?)(_g\d+)?""? ON ", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex IndexName();

    [GeneratedRegex(@"\bcatalog_", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex TableName();
}
