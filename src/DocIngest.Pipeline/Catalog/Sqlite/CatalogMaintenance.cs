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
