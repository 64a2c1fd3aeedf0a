using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Records;
using Microsoft.Data.Sqlite;

namespace DocIngest.Pipeline.Catalog;

/// <summary>How a rebuild works.</summary>
public sealed class CatalogRebuildOptions
{
    /// <summary>Most records in one transaction; other writers wait for it. Default 2,000: about half a second.</summary>
    public int BatchRecords { get; set; } = 2_000;

    /// <summary>Most characters of text in one transaction. Default 8 million.</summary>
    public long BatchCharacters { get; set; } = 8_000_000;

    /// <summary>What other tables must follow the new catalog, called in the transaction that puts it in place. Default nothing.</summary>
    public Action<SqliteTransaction>? WithSwap { get; set; }
}

/// <summary>What a rebuild did.</summary>
/// <param name="Read">Entries read from the archive.</param>
/// <param name="Superseded">Entries passed over because a writer had put the same or a newer version meanwhile, or removed the record.</param>
/// <param name="Records">Records in the new catalog.</param>
public sealed record RebuildSummary(long Read, long Superseded, long Records);

/// <summary>
/// Makes the catalog anew from the archive (I3) while it goes on answering and being written to. Ledger, custody, quarantine
/// and job tables are not touched.
/// </summary>
/// <remarks>
/// Crash points: 1 shadow tables and the marker row appear together; from then on every writer of any process writes to both
/// sets, since it reads the marker within its own write transaction. 2 each batch is a transaction; it never replaces what a
/// writer put, nor brings back what one removed, so the archive may be read in any order and at any speed. 3 the swap renames
/// both sets, lets other tables follow and takes the marker away in one transaction. 4 the old set is emptied in slices. A rebuild that dies before 3
/// leaves the old catalog; what it left is swept by the next one, or by <see cref="SweepAsync"/>.
/// The caller holds the rebuild lock: one rebuild or sweep at a time.
/// </remarks>
public sealed class CatalogRebuild(SqliteDatabase database, CatalogRebuildOptions options)
{
    /// <summary>The lock that whoever rebuilds or sweeps holds.</summary>
    public const string LockName = "rebuild";

    // The index's own memory between writes of segments: a batch should be one segment.
    private const long ShadowHashBytes = 64 << 20;
    private const long LiveHashBytes = 1 << 20;   // FTS5's default

    // Segments a level before they are merged: while filling as many as FTS5 allows, since all end in one; then its default.
    private const long ShadowAutomerge = 16;
    private const long LiveAutomerge = 4;

    /// <summary>Fills a new catalog and puts it in the old one's place.</summary>
    /// <param name="entries">Every record in the archive, in any order.</param>
    /// <param name="progress">Told the number of entries read, after each batch.</param>
    /// <exception cref="CatalogRebuildTakenOverException">Another rebuild has begun. Its work stands, the old catalog too.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before the swap: the old catalog stands.</exception>
    public async Task<RebuildSummary> RunAsync(
        IAsyncEnumerable<CatalogEntry> entries, IProgress<long>? progress, CancellationToken cancellation)
    {
        await SweepAsync(cancellation);
        string token = await BeginAsync(cancellation);   // 1
        long read = 0;
        long superseded = 0;
        try
        {
            await foreach (var batch in Batches(entries, cancellation))   // 2
            {
                superseded += await database.WriteAsync((_, transaction) => Fill(transaction, token, batch), cancellation);
                read += batch.Count;
                progress?.Report(read);
            }

            while (await database.WriteAsync((_, transaction) => MergeStep(transaction, token), cancellation))
            {
                cancellation.ThrowIfCancellationRequested();
            }

            long records = await database.WriteAsync((_, transaction) => Finish(transaction, token, options.WithSwap), cancellation);   // 3
            await DropAsync(CatalogTables.DiscardedPrefix, CancellationToken.None);   // 4, past the point of no return
            return new RebuildSummary(read, superseded, records);
        }
        catch
        {
            await TryEndMarkerAsync(token);
            throw;
        }
    }

    /// <summary>Removes what an interrupted rebuild left. Quick where there is nothing; worth calling when the service starts.</summary>
    public async Task SweepAsync(CancellationToken cancellation)
    {
        await database.WriteAsync((_, transaction) => EndMarker(transaction, token: null), cancellation);
        await DropAsync(CatalogTables.ShadowPrefix, cancellation);
        await DropAsync(CatalogTables.DiscardedPrefix, cancellation);
    }

    /// <summary>Whether writers must write to the shadow set too.</summary>
    internal static bool IsRunning(SqliteTransaction transaction)
    {
        using var command = Command(transaction, "SELECT count(*) FROM catalog_rebuild");
        return (long)(command.ExecuteScalar() ?? 0L) > 0;
    }

    /// <summary>Remembers a removal for as long as the rebuild runs.</summary>
    internal static void Removed(SqliteTransaction transaction, RecordId id)
    {
        using var command = Command(transaction, "INSERT OR IGNORE INTO catalog_rebuild_removed (id) VALUES (@id)");
        command.Parameters.AddWithValue("@id", id.ToBareString());
        command.ExecuteNonQuery();
    }

    /// <summary>Whether a record was removed since the rebuild began.</summary>
    internal static bool IsRemoved(SqliteTransaction transaction, RecordId id)
    {
        using var command = Command(transaction, "SELECT count(*) FROM catalog_rebuild_removed WHERE id = @id");
        command.Parameters.AddWithValue("@id", id.ToBareString());
        return (long)(command.ExecuteScalar() ?? 0L) > 0;
    }

    /// <summary>A record put again was not removed after all.</summary>
    internal static void Unremove(SqliteTransaction transaction, IEnumerable<RecordId> ids)
    {
        using var command = Command(transaction, "DELETE FROM catalog_rebuild_removed WHERE id = @id");
        var parameter = command.Parameters.Add("@id", SqliteType.Text);
        foreach (var id in ids)
        {
            parameter.Value = id.ToBareString();
            command.ExecuteNonQuery();
        }
    }

    // Without the marker, writers stop writing twice.
    private async Task TryEndMarkerAsync(string token)
    {
        try
        {
            await database.WriteAsync((_, transaction) => EndMarker(transaction, token), CancellationToken.None);
        }
        catch (SqliteException)
        {
            // The next sweep does it; what stopped the rebuild is what the caller must hear of.
        }
    }

    private Task<string> BeginAsync(CancellationToken cancellation) => database.WriteAsync((_, transaction) =>
    {
        string token = Guid.NewGuid().ToString("N");
        CatalogTables.CreateShadow(transaction);
        CatalogTables.Configure(transaction, CatalogTables.ShadowPrefix, "hashsize", ShadowHashBytes);
        CatalogTables.Configure(transaction, CatalogTables.ShadowPrefix, "automerge", ShadowAutomerge);
        using var command = Command(transaction, "INSERT INTO catalog_rebuild (id, token) VALUES (1, @token)");
        command.Parameters.AddWithValue("@token", token);
        command.ExecuteNonQuery();
        return token;
    }, cancellation);

    private static long Fill(SqliteTransaction transaction, string token, List<CatalogEntry> batch)
    {
        RequireMarker(transaction, token);
        using var removed = Command(transaction, "SELECT count(*) FROM catalog_rebuild_removed WHERE id = @id");
        var id = removed.Parameters.Add("@id", SqliteType.Text);
        using var rows = new CatalogRows(transaction, CatalogTables.ShadowPrefix);
        long superseded = 0;
        foreach (var entry in batch.OrderBy(entry => entry.Record.Id.OrderKey))
        {
            id.Value = entry.Record.Id.ToBareString();
            bool gone = (long)(removed.ExecuteScalar() ?? 0L) > 0;
            superseded += gone || !rows.Put(entry, rewriteEqual: false) ? 1 : 0;
        }

        return superseded;
    }

    // One segment: half the cost of the slowest searches, and merged now it holds nobody up but for single steps.
    private static bool MergeStep(SqliteTransaction transaction, string token)
    {
        RequireMarker(transaction, token);
        return CatalogTables.MergeStep(transaction, CatalogTables.ShadowPrefix, whole: true);
    }

    private static long Finish(SqliteTransaction transaction, string token, Action<SqliteTransaction>? withSwap)
    {
        RequireMarker(transaction, token);
        CatalogTables.Configure(transaction, CatalogTables.ShadowPrefix, "hashsize", LiveHashBytes);
        CatalogTables.Configure(transaction, CatalogTables.ShadowPrefix, "automerge", LiveAutomerge);
        CatalogTables.Swap(transaction);
        withSwap?.Invoke(transaction);
        EndMarker(transaction, token);
        using var command = Command(transaction, "SELECT count(*) FROM catalog_records");
        return (long)(command.ExecuteScalar() ?? 0L);
    }

    private static void RequireMarker(SqliteTransaction transaction, string token)
    {
        using var command = Command(transaction, "SELECT token FROM catalog_rebuild");
        if (command.ExecuteScalar() as string != token)
        {
            throw new CatalogRebuildTakenOverException();
        }
    }

    private static bool EndMarker(SqliteTransaction transaction, string? token)
    {
        using var command = Command(transaction, "DELETE FROM catalog_rebuild WHERE @token IS NULL OR token = @token");
        command.Parameters.AddWithValue("@token", (object?)token ?? DBNull.Value);
        if (command.ExecuteNonQuery() == 0)
        {
            return false;
        }

        using var removed = Command(transaction, "DELETE FROM catalog_rebuild_removed");
        removed.ExecuteNonQuery();
        return true;
    }

    private async Task DropAsync(string prefix, CancellationToken cancellation)
    {
        while (await database.WriteAsync((_, transaction) => CatalogTables.DropSlice(transaction, prefix), cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private async IAsyncEnumerable<List<CatalogEntry>> Batches(
        IAsyncEnumerable<CatalogEntry> entries, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var batch = new List<CatalogEntry>();
        long characters = 0;
        await foreach (var entry in entries.WithCancellation(cancellation))
        {
            batch.Add(entry);
            characters += entry.Text.Pages.Sum(page => (long)page.Text.Length);
            if (batch.Count >= options.BatchRecords || characters >= options.BatchCharacters)
            {
                yield return batch;
                batch = [];
                characters = 0;
            }
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }

    private static SqliteCommand Command(SqliteTransaction transaction, string sql)
    {
        var connection = transaction.Connection ?? throw new InvalidOperationException("The transaction has ended.");
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        return command;
    }
}

/// <summary>Another rebuild began while this one ran. The catalog is as it was; do not retry until that one is done.</summary>
public sealed class CatalogRebuildTakenOverException() : Exception("Another catalog rebuild has begun; this one ends and leaves the catalog as it was.");
