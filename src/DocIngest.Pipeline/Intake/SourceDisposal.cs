using System.Globalization;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Ledger;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Intake;

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

        await WriteReceiptsAsync(group, stopping);
    }

    /// <summary>Recognises a file whose removal a power cut has undone, by place, identity and bytes, and removes it again.</summary>
    public async Task<bool> RemoveAgainIfFiledAsync(ScanInHand scan, CancellationToken stopping)
    {
        if (!scan.Claim.RemovesSource)
        {
            return false;
        }

        ScanRow? filed;
        using (var connection = environment.Database.OpenReader())
        {
            filed = ScanTable.FindRemoved(connection, scan.Claim.SourcePath, scan.Claim.Stamp)
                .FirstOrDefault(row => row.Digest == scan.Digest);
        }

        if (filed is null)
        {
            return false;
        }

        await environment.Data.FlushAsync(stopping);   // what was filed is durable, or the ledger would not say so; nothing may depend on luck
        return SourceRemover.Remove(scan.Folder, filed.Claim) is SourceState.Removed or SourceState.Gone;
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
