using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Scans;

namespace DocIngest.Pipeline.Filing;

/// <summary>Puts what is no document aside, with its bytes and the reason in plain words, until a person decides.</summary>
/// <remarks>Crash points: 1 reason beside the private copy; 2 flushed; 3 renamed; 4 flushed; 5 ledger. Repeating from any of them is safe.</remarks>
internal sealed class Quarantine(IngestEnvironment environment)
{
    public const string OriginalName = DataFolder.PrivateCopyName;
    public const string ReasonFileName = "reason.json";

    /// <summary>Quarantines a group and closes its claims.</summary>
    public async Task<IReadOnlyList<FiledScan>> TakeAsync(
        IReadOnlyList<(ScanInHand Scan, FilingDecision.Quarantine Decision)> refused, CancellationToken cancellation)
    {
        var now = environment.Time.GetUtcNow();
        var since = refused.Select(pair => pair.Scan.Since).MinBy(mark => mark.FailedFlushes);
        environment.Data.CreateFolder(DataFolder.Quarantine);
        foreach (var (scan, decision) in refused)
        {
            WriteReason(scan, decision, now);                                               // 1
        }

        await environment.Data.FlushAsync(since, cancellation);                             // 2
        foreach (var (scan, _) in refused)
        {
            Place(scan);                                                                    // 3
        }

        await environment.Data.FlushAsync(since, CancellationToken.None);                   // 4
        var closed = refused.Select(pair => new FiledScan(
            pair.Scan, new Closing(pair.Scan.Claim.Id, ScanOutcome.Quarantined, Reason: pair.Decision.Reason))).ToList();
        await environment.Database.WriteAsync(                                              // 5
            (_, transaction) =>
            {
                foreach (var (filed, (_, decision)) in closed.Zip(refused))
                {
                    ClosedScans.Close(environment, transaction, filed.Closing, now);
                    QuarantineTable.Put(transaction, filed.Scan.Claim.Id, decision.Code, now);
                }

                return true;
            },
            CancellationToken.None);
        return closed;
    }

    /// <summary>Brings a quarantined file back to staging, so that its claim, open again, can go on from its private copy.</summary>
    public async Task BringBackAsync(ScanInHand scan, CancellationToken cancellation)
    {
        environment.Data.CreateFolder(scan.StagingPath);
        environment.Data.Move($"{DataFolder.QuarantineOf(scan.Claim.Id)}/{OriginalName}", scan.CopyPath);
        await environment.Data.FlushAsync(cancellation);
    }

    /// <summary>Removes the reason file of a scan that was brought back and then archived: it holds the file's name, and nobody looks for it.</summary>
    public async Task RemoveEmptiedAsync(ScanInHand scan, CancellationToken cancellation)
    {
        string place = DataFolder.QuarantineOf(scan.Claim.Id);
        ScanRow? row;
        using (var connection = environment.Database.OpenReader())
        {
            row = ScanTable.Find(connection, scan.Claim.Id);
        }

        if (row is { Outcome: ScanOutcome.Filed or ScanOutcome.Versioned or ScanOutcome.Duplicate } && environment.Data.Find($"{place}/{OriginalName}") is null)
        {
            environment.Data.DeleteTree(place);
            await environment.Data.FlushAsync(cancellation);
        }
    }

    private void Place(ScanInHand scan)
    {
        string place = DataFolder.QuarantineOf(scan.Claim.Id);
        if (environment.Data.Find(place) is not null)
        {
            environment.Data.DeleteTree(place);   // an earlier attempt that was not closed: the claim has copied its source again
        }

        environment.Data.Move(scan.StagingPath, place);
    }

    private void WriteReason(ScanInHand scan, FilingDecision.Quarantine decision, DateTimeOffset now)
    {
        var reason = new JsonObject
        {
            ["scanId"] = scan.Claim.Id.ToBareString(),
            ["code"] = decision.Code,
            ["reason"] = decision.Reason,
            ["quarantinedAt"] = now.ToString("O"),
            ["profile"] = scan.Claim.Profile,
            ["fileName"] = scan.Claim.FileName,
            ["subfolder"] = scan.Claim.Subfolder,
            ["sizeBytes"] = scan.Claim.Stamp.SizeBytes,
            ["sha512"] = scan.Digest.Hex,
        };
        string path = $"{scan.StagingPath}/{ReasonFileName}";
        environment.Data.Delete(path);
        using var file = environment.Data.Create(path);
        file.Write(Encoding.UTF8.GetBytes(reason.ToJsonString(new JsonSerializerOptions { WriteIndented = true })));
    }
}
