using DocIngest.Archive;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Receipts;
using DocIngest.Pipeline.Records;
using DocIngest.Storage;
using Microsoft.Data.Sqlite;

namespace DocIngest.Pipeline.Disposition.Forgetting;

/// <summary>
/// After a record's object is destroyed: makes the data folder forget what it knows of its content and of whom it was. Ids, times, sizes and outcomes stay, so
/// that counts add up; backups and copies of the archive are not touched.
/// </summary>
/// <remarks>
/// <para>The order, and what a crash after each step leaves:
/// 1 files that only ids and digests of the database lead to are deleted and flushed: thumbnails, quarantine, damaged files and staging entries (what is left is found again);
/// 2 catalog, heads and ledger in one transaction for some records at a time (each record's rows all there, or all empty);
/// 3 receipt files rewritten from the emptied ledger, each by one rename (old or new, perhaps with a <c>.part</c> beside it);
/// 4 those of feedback folders likewise, each within a time limit: a share that hangs holds up nobody.
/// Doing it all again after any of them ends the same. <see cref="ScourAsync"/> follows once for a whole run of destructions.</para>
/// <para>The caller holds each record's lock from <see cref="WorkOn"/>, through its destruction, until <see cref="ForgetAsync"/> has returned: a scan that was taken for
/// its duplicate or next version waits for that lock, finds it gone and is decided anew. Step 4 needs no lock: whoever holds others up meanwhile calls
/// <see cref="ForgetHereAsync"/>, gives the locks back, and then <see cref="TellFeedbackAsync"/>.</para>
/// </remarks>
/// <param name="environment">What the pipeline works with.</param>
public sealed class RecordForgetting(IngestEnvironment environment)
{
    private const int RecordsAtOnce = 50;   // other writers wait for as many

    /// <summary>What stands between a record and its destruction. Asked under the record's lock.</summary>
    public WorkOnRecord WorkOn(RecordId record)
    {
        using var connection = environment.Database.OpenReader();
        using var _ = connection.BeginTransaction(deferred: true);   // one state for all questions
        var open = new List<OpenWork>();
        AddIf(OpenWork.Scan, ScansOfRecord.IsOneOpen(connection, record));
        AddIf(OpenWork.Revision, RevisionTable.IsOpen(connection, record));
        AddIf(OpenWork.Stack, StackTable.Waits(connection, record));
        AddIf(OpenWork.Source, ScansOfRecord.HasSource(connection, record));
        AddIf(OpenWork.Whole, HasWhole(connection, record));
        return new WorkOnRecord(open, ScansOfRecord.CountSourcesOfOthers(connection, record));

        void AddIf(OpenWork work, bool isOpen)
        {
            if (isOpen)
            {
                open.Add(work);
            }
        }
    }

    /// <summary>Forgets records that are destroyed. Safe to repeat, whatever cut it short.</summary>
    /// <param name="records">Records whose objects the archive does not have any more. Many at once share the rewriting of receipts.</param>
    /// <param name="cancellation">Leaves what is done; repeat.</param>
    /// <exception cref="InvalidOperationException">The archive has one of them still. Nothing changed.</exception>
    /// <exception cref="StorageException">The data folder fails. Repeat.</exception>
    /// <exception cref="SqliteException">The database fails. Repeat.</exception>
    public async Task<ForgettingResult> ForgetAsync(IReadOnlyCollection<RecordId> records, CancellationToken cancellation)
    {
        var scans = await ForgetHereAsync(records, cancellation);
        return new ForgettingResult(scans.Count, await TellFeedbackAsync(scans, except: [], cancellation));
    }

    /// <summary>Steps 1 to 3, all of them on the data folder's own disk.</summary>
    /// <returns>The scans that feedback folders may still tell of.</returns>
    /// <inheritdoc cref="ForgetAsync" path="/exception" />
    internal async Task<IReadOnlySet<RecordId>> ForgetHereAsync(IReadOnlyCollection<RecordId> records, CancellationToken cancellation)
    {
        DemandDestroyed(records);
        var traces = FindTraces(records);
        await DeleteFilesAsync(traces, cancellation);   // 1
        foreach (var some in traces.Chunk(RecordsAtOnce))
        {
            await environment.Database.WriteAsync((_, transaction) => Empty(transaction, some), cancellation);   // 2
        }

        var scans = traces.SelectMany(trace => trace.Scans).ToHashSet();
        await new ReceiptForgetting(environment).ForgetHereAsync(scans, cancellation);   // 3
        return scans;
    }

    /// <summary>Step 4, for whoever holds no lock.</summary>
    /// <param name="scans">Of <see cref="ForgetHereAsync"/>.</param>
    /// <param name="except">Profiles whose folder did not answer before.</param>
    /// <param name="cancellation">Leaves what is done; repeat.</param>
    /// <returns>Profiles whose feedback folder did not answer within its time.</returns>
    internal Task<IReadOnlyList<string>> TellFeedbackAsync(IReadOnlySet<RecordId> scans, IReadOnlyCollection<string> except, CancellationToken cancellation) =>
        new ReceiptForgetting(environment).TellFeedbackAsync(scans, except, cancellation);   // 4

    /// <summary>
    /// Scours the database of what was forgotten: once after a run of destructions, which is not complete before. Rows that are emptied or deleted are
    /// overwritten at once (<c>secure_delete</c>), but pages keep copies of rows that once moved to another page, the full-text index keeps words at which
    /// its leaves begin, and the log has former pages: so index and file are written anew, and the log is emptied. Writers wait for about as long as copying
    /// the file takes; it needs as much free space again.
    /// </summary>
    /// <exception cref="SqliteException">No space, or another process writes for very long. Scour again.</exception>
    public async Task<ScouringResult> ScourAsync(CancellationToken cancellation)
    {
        using var held = environment.Locks.TryAcquire(CatalogRebuild.LockName);
        if (held is null)
        {
            return ScouringResult.RebuildRuns;
        }

        await new CatalogRebuild(environment.Database, new CatalogRebuildOptions()).SweepAsync(cancellation);   // tables that a dead one has left
        await new IndexRewriting(environment.Database).RunAsync(cancellation);
        await environment.Database.RewriteAsync(cancellation);
        return new CatalogMaintenance(environment.Database, environment.Time).TryEmptyLog() ? ScouringResult.Clean : ScouringResult.LogInUse;
    }

    private static bool HasWhole(SqliteConnection connection, RecordId record) =>
        SqliteCatalog.WholeOf(connection, record) is { } batch && HeadTable.Exists(connection, batch);

    private void DemandDestroyed(IEnumerable<RecordId> records)
    {
        foreach (var record in records)
        {
            if (environment.Archive.IsThere(record.ToString()))
            {
                throw new InvalidOperationException($"The archive has {record} still: only what is destroyed is forgotten.");
            }
        }
    }

    private List<Trace> FindTraces(IReadOnlyCollection<RecordId> records)
    {
        var catalog = new SqliteCatalog(environment.Database);
        using var connection = environment.Database.OpenReader();
        return [.. records.Select(record => new Trace(
            record,
            ScansOfRecord.Of(connection, record),
            [.. ScansOfRecord.Digests(connection, record).Union(catalog.History(record).Select(version => version.Content))]))];
    }

    // Thumbnails may be shared by records with equal bytes: they are made again when asked for.
    private async Task DeleteFilesAsync(List<Trace> traces, CancellationToken cancellation)
    {
        var since = environment.Data.Mark();
        foreach (var digest in traces.SelectMany(trace => trace.Digests).Distinct())
        {
            environment.Data.Delete(DataFolder.ThumbnailOf(digest));
        }

        foreach (var scan in traces.SelectMany(trace => trace.Scans).Distinct())
        {
            environment.Data.DeleteTree(DataFolder.QuarantineOf(scan));
        }

        traces.ForEach(trace => environment.Data.DeleteTree(DataFolder.DamagedOf(trace.Record.ToString())));
        ClosedStaging.Sweep(environment);   // private copies of its scans and revisions, where a removal had failed
        await environment.Data.FlushAsync(since, cancellation);
    }

    private bool Empty(SqliteTransaction transaction, IEnumerable<Trace> traces)
    {
        foreach (var trace in traces)
        {
            environment.Catalog.Remove(transaction, trace.Record);
            ScansOfRecord.RemoveHead(transaction, trace.Record);
            ScansOfRecord.Empty(transaction, trace.Scans);
        }

        return true;
    }

    private sealed record Trace(RecordId Record, IReadOnlyList<RecordId> Scans, IReadOnlyList<Sha512Digest> Digests);
}
