using DocIngest.Archive;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Holds;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Retention;
using DocIngest.Pipeline.SystemObjects;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Disposition;

/// <summary>Lets the archive's own protection follow retention and holds: what is to be kept is renewed, what is held is held there too, and what is due is let run out.</summary>
/// <remarks>
/// <para>It goes by the catalog, which may be behind and knows no version but the head: what it does not know is renewed, and its hold is left as it is. Before a hold is taken off, and before
/// a record is let run out while there are holds, the archive is asked with every version and all that shows the same sheets. The register of holds decides about destruction, whatever the
/// store says (I8).</para>
/// <para>Safe to repeat, and beside everything else: each record is changed under its lock.</para>
/// </remarks>
/// <param name="archive">The archive.</param>
/// <param name="database">The catalog.</param>
/// <param name="objects">The archive's system objects.</param>
/// <param name="holds">The register of holds.</param>
/// <param name="schedule">The retention schedule.</param>
/// <param name="locks">Of the data folder.</param>
/// <param name="time">The clock.</param>
public sealed class RecordProtection(
    IArchive archive, SqliteDatabase database, SystemObjectStore objects, HoldRegister holds, RetentionSchedule schedule, INamedLocks locks, TimeProvider time)
{
    private const int Parallelism = 4;   // records at once; each changes eight blobs at once

    private readonly Lock _gate = new();

    // Under _gate.
    private int _renewed;
    private int _held;
    private int _released;
    private int _failed;
    private string? _problem;

    /// <summary>Looks at every object once, and changes what is to be changed. One instance runs once.</summary>
    /// <exception cref="InvalidOperationException">The archive has no protection.</exception>
    /// <exception cref="DamagedObjectException">The register of holds cannot be read. Nothing changed.</exception>
    /// <exception cref="StorageException">The archive does not answer. What was changed stays so; the next run does the rest.</exception>
    public async Task<ProtectionReport> RunAsync(CancellationToken cancellation)
    {
        var protection = archive.Protection ?? throw new InvalidOperationException("The archive has no protection.");
        var inForce = holds.InForce();
        var planned = Plan(protection, inForce);
        int seen = 0;
        int runningOut = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellation };
        await Parallel.ForEachAsync(protection.ListAsync(cancellation), options, async (guard, token) =>
        {
            Interlocked.Increment(ref seen);
            var record = planned.TryGetValue(guard.Place, out var known) ? known : null;
            Interlocked.Add(ref runningOut, record is { MayGo: true } ? 1 : 0);
            if (WantsLook(guard, record, inForce))
            {
                await TryAsync(() => SettleAsync(protection, guard, record, inForce, token));
            }
        });
        return new ProtectionReport(seen, _renewed, runningOut, _held, _released, _failed, _problem);
    }

    private Dictionary<string, Wanted> Plan(IArchiveProtection protection, HoldsInForce inForce)
    {
        using var catalog = new RetentionReader(database);
        return new RetentionPlanner(schedule, catalog, objects, time, inForce).Plan((string?)null)
            .ToDictionary(record => protection.PlaceOf(record.Id.ToString()), record => new Wanted(record.Id, MayGo(record), record.Holds.Count > 0));
    }

    private static bool MayGo(PlannedRecord record) =>
        record is { Verdict: RetentionVerdict.Due, Schedule.Action: RetentionAction.Destroy or RetentionAction.Review };

    private static bool WantsLook(ObjectGuard guard, Wanted? record, HoldsInForce inForce) =>
        (guard.IsDueForRenewal && record is not { MayGo: true })
        || (record is { IsHeld: true } && guard.HeldBlobs < guard.Blobs)
        || (record is { IsHeld: false } && (guard.HeldBlobs > 0 || (record.MayGo && inForce.Any)));

    private async Task SettleAsync(IArchiveProtection protection, ObjectGuard guard, Wanted? record, HoldsInForce inForce, CancellationToken cancellation)
    {
        await using var recordStands = record is null ? null : await ObjectLocks.TakeAsync(locks, [record.Id], cancellation);
        if (guard.IsDueForRenewal && record is not { MayGo: true })
        {
            Count(ref _renewed, await protection.KeepAsync(guard.Place, cancellation));
        }

        if (record is not null && IsToBeHeld(guard, record, inForce) is { } isHeld && (isHeld ? guard.HeldBlobs < guard.Blobs : guard.HeldBlobs > 0))
        {
            int changed = await protection.SetLegalHoldAsync(guard.Place, isHeld, cancellation);
            Count(ref isHeld ? ref _held : ref _released, changed);
        }
    }

    // Null where that stays as it is: nothing can come around this program while the record is immutable, nor when it is gone.
    private bool? IsToBeHeld(ObjectGuard guard, Wanted record, HoldsInForce inForce) =>
        record.IsHeld ? true
        : (guard.HeldBlobs > 0 || record.MayGo) && archive.Find(record.Id.ToString()) is { } found ? RecordFamily.HoldsOf(archive, found, inForce).Count > 0
        : null;

    private void Count(ref int objects, int blobs)
    {
        lock (_gate)
        {
            objects += blobs > 0 ? 1 : 0;
        }
    }

    // One record that cannot be protected must not leave the others without; a store that is away ends the run.
    private async Task TryAsync(Func<Task> settle)
    {
        try
        {
            await settle();
        }
        catch (EntryNotFoundException)
        {
            // Destroyed since it was listed.
        }
        catch (Exception error) when (error is StorageDeniedException or LockHeldException or ArchiveException)
        {
            lock (_gate)
            {
                _failed++;
                _problem ??= error.Message;
            }
        }
    }

    private sealed record Wanted(RecordId Id, bool MayGo, bool IsHeld);
}

/// <summary>What a run over the archive's own protection did.</summary>
/// <param name="Objects">Looked at, the files of the storage root as one.</param>
/// <param name="Renewed">Made immutable for another window.</param>
/// <param name="RunningOut">Records whose retention is over: they are not renewed.</param>
/// <param name="Held">Put under a legal hold in the store.</param>
/// <param name="Released">Whose legal hold in the store was taken off.</param>
/// <param name="Failed">Which could not be changed as they should.</param>
/// <param name="Problem">Why the first of these; null where there is none.</param>
public sealed record ProtectionReport(int Objects, int Renewed, int RunningOut, int Held, int Released, int Failed, string? Problem);
