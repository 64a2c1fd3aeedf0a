using DocIngest.Pipeline.Database;

namespace DocIngest.Pipeline.Catalog;

/// <summary>
/// Keeps the full-text index in few segments while nothing else is going on, in steps so small that a group commit waiting
/// for its turn does not notice.
/// </summary>
public sealed class CatalogMaintenance(SqliteDatabase database, TimeProvider time)
{
    /// <summary>Merges segments until nothing is left to merge or the time is up.</summary>
    /// <param name="budget">Longest time to begin new steps in.</param>
    /// <param name="whole">Down to one segment: for the quietest hours, since it rewrites the whole index. Otherwise only where four or more segments have gathered.</param>
    /// <returns>True where nothing is left to do.</returns>
    public async Task<bool> RunAsync(TimeSpan budget, bool whole, CancellationToken cancellation)
    {
        long started = time.GetTimestamp();
        while (time.GetElapsedTime(started) < budget)
        {
            if (!await database.WriteAsync((_, transaction) => CatalogTables.MergeStep(transaction, CatalogTables.LivePrefix, whole), cancellation))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Looks through the file, all of it (SQLite's <c>quick_check</c>): pages, rows and their constraints; not whether indexes agree with tables.</summary>
    /// <returns>What is damaged, in SQLite's words, which name pages and rows and no content; the first hundred. Empty where it is sound.</returns>
    public IReadOnlyList<string> Check()
    {
        using var connection = database.OpenReader();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA quick_check(100)";
        using var rows = command.ExecuteReader();
        var found = new List<string>();
        while (rows.Read())
        {
            found.Add(rows.GetString(0));
        }

        return found is ["ok"] ? [] : found;
    }

    /// <summary>Lets SQLite look which statistics its planner lacks, and make them.</summary>
    public void Analyze()
    {
        using var connection = database.OpenReader();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA optimize = 0x10002";   // all tables, whatever this connection has asked of them; it limits itself
        command.ExecuteNonQuery();
    }

    /// <summary>
    /// Moves the write-ahead log into the database and empties it, so that what was removed is in neither file. False where
    /// a reader still needs the log: try again later.
    /// </summary>
    public bool TryEmptyLog()
    {
        using var connection = database.OpenReader();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        using var row = command.ExecuteReader();
        return row.Read() && row.GetInt64(0) == 0;
    }
}
