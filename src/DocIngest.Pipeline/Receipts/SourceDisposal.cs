using System.Globalization;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Receipts;

/// <summary>What happens after a claim is closed: the scanner's file goes or stays, receipts and feedback are written.</summary>
internal sealed class SourceDisposal(IngestEnvironment environment, Alarms alarms, IReadOnlyDictionary<string, FeedbackFolder> feedback)
{
    private const string ReceiptsLock = "receipts";

    private readonly ReceiptLog _receipts = new(environment.Data, $"{DataFolder.Receipts}/", new ReceiptJsonLines(), profile: null);

    /// <summary>Disposes of a group's sources. Never throws for a folder that refuses: those files are remembered, and alarmed once.</summary>
    public async Task DisposeAsync(IReadOnlyList<FiledScan> group, CancellationToken stopping)
    {
        var states = new List<(FiledScan Filed, SourceState State, DateTimeOffset? KeepUntil)>();
        foreach (var filed in group.Where(filed => filed.Scan.Claim.RemovesSource))
        {
            states.Add(await DisposeAsync(filed, stopping));
        }

        if (states.Count > 0)
        {
            await NoteAsync(states, stopping);
        }

        foreach (var filed in group)
        {
            Log(filed);
            filed.Scan.Folder.PutDown(filed.Scan.RelativePath);
        }

        await WriteReceiptsAsync(group, stopping);   // also with an empty group: an earlier process may have left some unwritten
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
            filed = ScanTable.FindFiled(connection, scan.Claim.SourcePath, scan.Claim.Stamp).FirstOrDefault(row => row.Digest == scan.Digest);
        }

        if (filed is { SourceState: not SourceState.Kept })
        {
            var (_, state, _) = await DisposeAsync(
                new FiledScan(new ScanInHand(filed.Claim, scan.Folder), new Closing(filed.Claim.Id, filed.Outcome ?? ScanOutcome.Filed)), stopping);
            await NoteAsync(scan.Folder, filed, state, stopping);
        }

        if (filed is not null && scan.Folder.Folder.Find(scan.RelativePath) is not null)
        {
            scan.Folder.NoteLeft(filed);
        }

        return filed is not null;
    }

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
            await NoteAsync(folder, scan, SourceRemover.FinishAside(folder, scan.Claim, path), stopping);
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
        string keep = scan.Folder.Profile.KeepSource;
        if (keep != "none" && filed.Closing.Outcome != ScanOutcome.Quarantined)
        {
            var until = TimeSpan.TryParse(keep, CultureInfo.InvariantCulture, out var duration)
                ? environment.Time.GetUtcNow() + duration
                : (DateTimeOffset?)null;   // untilBackedUp: the backup sets the end
            return (filed, SourceState.Kept, until);
        }

        try
        {
            var state = SourceRemover.Remove(scan.Folder, scan.Claim);
            if (state == SourceState.Removed)
            {
                await alarms.ResolveAsync(AlarmKind.SourceStuck, scan.Claim.Profile, stopping);
            }

            return (filed, state, null);
        }
        catch (StorageException error)
        {
            environment.Logger.SourceStuck(scan.Claim.Profile, error.Message);
            await alarms.RaiseAsync(
                AlarmKind.SourceStuck, scan.Claim.Profile,
                "Filed scans cannot be removed from the drop folder: give the service permission to delete there. They are not filed again.", stopping);
            return (filed, SourceState.Stuck, null);
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
        using (var held = environment.Locks.TryAcquire(ReceiptsLock))
        {
            if (held is not null)   // else another process writes them all, these too
            {
                _receipts.CatchUp(environment.Database);
            }
        }

        foreach (var profile in group.GroupBy(filed => filed.Scan.Claim.Profile))
        {
            if (feedback.TryGetValue(profile.Key, out var folder))
            {
                await folder.TellAsync([.. profile], stopping);
            }
        }
    }

    private void Log(FiledScan filed)
    {
        var (scan, closing) = filed;
        environment.Logger.ScanClosed(
            scan.Claim.Id, closing.Outcome, closing.RecordId, closing.Version, closing.PageCount, closing.TextStatus, scan.Claim.Stamp.SizeBytes);
        if (scan.Claim.LateOf is not null && closing is { Outcome: ScanOutcome.Versioned, RecordId: { } record, Version: { } version })
        {
            environment.Logger.LateBytesFiled(scan.Claim.Id, record, version);
        }
    }
}
