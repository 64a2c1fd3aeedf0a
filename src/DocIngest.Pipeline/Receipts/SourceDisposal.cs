using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Receipts;

/// <summary>What happens after a claim is closed: the scanner's file goes or stays, receipts and feedback are written.</summary>
internal sealed class SourceDisposal(IngestEnvironment environment, Alarms alarms, IReadOnlyDictionary<string, FeedbackFolder> feedback)
{
    /// <summary>The lock of the service's own receipt files.</summary>
    internal const string ReceiptsLock = "receipts";

    private readonly Lock _gate = new();
    private readonly ReceiptLog _receipts = LogOf(environment);   // under _gate

    /// <summary>The service's own receipt files.</summary>
    internal static ReceiptLog LogOf(IngestEnvironment environment) => new(environment.Data, $"{DataFolder.Receipts}/", new ReceiptJsonLines(), profile: null);

    /// <summary>
    /// Tells the outcome of a group, then disposes of its sources. A folder that refuses is no failure: those files are remembered,
    /// and alarmed once. Safe to repeat.
    /// </summary>
    public async Task DisposeAsync(IReadOnlyList<FiledScan> group, CancellationToken stopping)
    {
        await environment.Audit.DrainAsync(environment.Database, stopping);   // before anything goes: a source stands until its record is in the audit
        await WriteReceiptsAsync(group, stopping);   // also with an empty group: an earlier process may have left some unwritten
        var states = new List<(FiledScan Filed, SourceState State, DateTimeOffset? KeepUntil)>();
        foreach (var filed in group.Where(filed => filed.Scan.Claim.RemovesSource && filed.Closing.Outcome.IsTakenIn()))
        {
            states.Add(await DisposeAsync(filed, stopping));
        }

        if (states.Count > 0)
        {
            await NoteAsync(states, stopping);
        }

        foreach (var filed in group)
        {
            await TellAsync(filed, stopping);
            if (filed.Closing.Outcome == ScanOutcome.Failed)
            {
                RememberFailed(filed);
            }

            filed.Scan.Folder.PutDown(filed.Scan.RelativePath);
        }
    }

    /// <summary>
    /// Recognises, by place, identity and bytes, a file that was filed before and still stands: its removal was refused, or undone
    /// by a power cut. Tries to remove it once more; it is not filed again either way (I2).
    /// </summary>
    public async Task<bool> WasFiledBeforeAsync(ScanInHand scan, CancellationToken stopping)
    {
        if (!scan.Claim.RemovesSource)
        {
            return false;
        }

        ScanRow? filed;
        using (var connection = environment.Database.OpenReader())
        {
            filed = ScanTable.FindFiled(connection, scan.Claim.SourcePath, scan.Claim.Stamp)
                .FirstOrDefault(row => row.Digest == scan.Digest && IsSameCase(row.Claim, scan.Claim));
        }

        if (filed is null)
        {
            return false;
        }

        if (filed.SourceState != SourceState.Kept)
        {
            var closing = new Closing(filed.Claim.Id, filed.Outcome ?? ScanOutcome.Filed);
            var disposed = await DisposeAsync(new FiledScan(new ScanInHand(filed.Claim, scan.Folder), closing), stopping);
            await NoteAsync([disposed], stopping);
        }
        else
        {
            scan.Folder.NoteLeft(filed);
        }

        return true;
    }

    // Not every file system tells a file from the next one under its name, copied with its write time: the same blank form comes
    // for another patient so, with another sidecar. A removal undone by a power cut may come back without its sidecar.
    private static bool IsSameCase(Claim filed, Claim claim) => claim.SidecarJson is null || claim.SidecarJson == filed.SidecarJson;

    /// <summary>Ends the removal of a source that a crash or power cut has left under its aside name.</summary>
    public async Task FinishAsideAsync(DropFolder folder, string path, RecordId scanId, CancellationToken stopping)
    {
        ScanRow? scan;
        using (var connection = environment.Database.OpenReader())
        {
            scan = ScanTable.Find(connection, scanId);
        }

        // An open claim's source is never set aside by us; a claim of another data folder is not ours to judge.
        if (scan is { Outcome: not null } && scan.Claim.SourcePath.StartsWith(folder.AbsolutePath + "/", StringComparison.Ordinal)
            && !folder.IsInHand(folder.Relative(scan.Claim)))
        {
            try
            {
                await NoteAsync(folder, scan, SourceRemover.FinishAside(folder, scan.Claim, path), stopping);
            }
            catch (StorageException error)
            {
                await AlarmStuckAsync(scan.Claim.Profile, error, stopping);   // it stands aside still; the next look tries again
            }
        }
    }

    /// <summary>Notes what became of a source that was left at first.</summary>
    public async Task NoteAsync(DropFolder folder, ScanRow scan, SourceState state, CancellationToken stopping)
    {
        if (state == SourceState.Present)
        {
            return;   // somebody still writes to it: the next round tries again
        }

        await environment.Database.WriteAsync(
            (_, transaction) =>
            {
                ScanTable.SetSource(transaction, scan.Claim.Id, state);
                return true;
            },
            stopping);
        folder.ForgetLeft(scan);
    }

    private async Task<(FiledScan, SourceState, DateTimeOffset?)> DisposeAsync(FiledScan filed, CancellationToken stopping)
    {
        var scan = filed.Scan;
        var keepFor = KeepSourceRule.DurationOf(scan.Folder.Profile.KeepSource);
        try
        {
            if (keepFor != TimeSpan.Zero && filed.Closing.Outcome != ScanOutcome.Quarantined)
            {
                return Keep(filed, keepFor);
            }

            var state = SourceRemover.Remove(scan.Folder, scan.Claim);
            if (state == SourceState.Removed)
            {
                await alarms.ResolveAsync(AlarmKind.SourceStuck, scan.Claim.Profile, stopping);
            }

            return (filed, state, null);
        }
        catch (StorageException error)
        {
            await AlarmStuckAsync(scan.Claim.Profile, error, stopping);
            return (filed, SourceState.Stuck, null);
        }
    }

    private (FiledScan, SourceState, DateTimeOffset?) Keep(FiledScan filed, TimeSpan? duration)
    {
        if (!filed.Scan.SourceStands())
        {
            return (filed, SourceState.Gone, null);   // nothing to keep: it grew, or was in quarantine
        }

        return (filed, SourceState.Kept, environment.Time.GetUtcNow() + duration);
    }

    private async Task AlarmStuckAsync(string profile, StorageException error, CancellationToken stopping)
    {
        if (await alarms.RaiseAsync(
            AlarmKind.SourceStuck, profile,
            "Filed scans cannot be removed from the drop folder: give the service permission to delete there. They are not filed again.", stopping))
        {
            environment.Logger.SourceStuck(profile, error.GetType().Name);
        }
    }

    private async Task NoteAsync(List<(FiledScan Filed, SourceState State, DateTimeOffset? KeepUntil)> states, CancellationToken stopping)
    {
        await environment.Database.WriteAsync(
            (_, transaction) =>
            {
                foreach (var (filed, state, until) in states)
                {
                    ScanTable.SetSource(transaction, filed.Scan.Claim.Id, state, until);
                }

                return true;
            },
            stopping);
        using var connection = environment.Database.OpenReader();
        foreach (var (filed, state, _) in states.Where(item => item.State is SourceState.Kept or SourceState.Stuck or SourceState.Present))
        {
            if (ScanTable.Find(connection, filed.Scan.Claim.Id) is { } row)
            {
                filed.Scan.Folder.NoteLeft(row);   // before it is put down: the watcher must not take it for a new scan
            }
        }
    }

    private async Task WriteReceiptsAsync(IReadOnlyList<FiledScan> group, CancellationToken stopping)
    {
        try
        {
            lock (_gate)
            {
                using var held = environment.Locks.TryAcquire(ReceiptsLock);
                if (held is not null)   // else another process writes them all, these too
                {
                    _receipts.CatchUp(environment.Database);
                }
            }
        }
        catch (StorageException error)
        {
            // The ledger has them: they are written with a later group.
            environment.Logger.HouseKeepingDeferred(error.GetType().Name);
        }

        foreach (string profile in group.Select(filed => filed.Scan.Claim.Profile).Distinct())
        {
            if (feedback.TryGetValue(profile, out var folder))
            {
                await folder.TellAsync(stopping);
            }
        }
    }

    // Such a file stays where it is. It is tried again when it changes, or by the next start, not with every look.
    private void RememberFailed(FiledScan filed)
    {
        using var connection = environment.Database.OpenReader();
        if (ScanTable.Find(connection, filed.Closing.ScanId) is { } row)
        {
            filed.Scan.Folder.NoteLeft(row);
        }
    }

    private async Task TellAsync(FiledScan filed, CancellationToken stopping)
    {
        var (scan, closing) = filed;
        if (closing.Outcome is ScanOutcome.Failed or ScanOutcome.Released)
        {
            return;   // told where it was decided
        }

        if (closing.Outcome == ScanOutcome.Quarantined)
        {
            environment.Logger.ScanQuarantined(scan.Claim.Id, scan.Claim.Stamp.SizeBytes, closing.Reason ?? "");
            return;
        }

        string outcome = closing.Outcome.ToWord();
        string? textStatus = closing.TextStatus?.ToWord();
        environment.Logger.ScanClosed(
            scan.Claim.Id, outcome, closing.RecordId, closing.Version, scan.Claim.Stamp.SizeBytes, closing.PageCount, textStatus);
        if (scan.Claim.LateOf is not null && closing is { Outcome: ScanOutcome.Versioned or ScanOutcome.Filed, RecordId: { } record, Version: { } version }
            && IsFlaggedLate(record))
        {
            environment.Logger.LateBytesFiled(scan.Claim.Id, record, version);
            await alarms.RaiseAsync(
                AlarmKind.LateBytes, scan.Claim.Profile,
                "A scan grew after it had been filed: the whole of it is now a further version of its record or, of one of two stacks, a record of its own. Let the scanner's program "
                + "write elsewhere and move finished files here, or lengthen settleTime. The records wait in qc list; the alarm ends when a person has confirmed them.",
                stopping);
        }
    }

    private bool IsFlaggedLate(RecordId record)
    {
        using var connection = environment.Database.OpenReader();
        return ReviewTable.List(connection, record).Any(item => item.Code == RecordFlag.LateBytes && item.ConfirmedAt is null);
    }
}
