using System.Diagnostics;
using System.Text.Json;
using DocIngest.Archive;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;
using DocIngest.Pipeline.Splitting;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Filing;

/// <summary>What is left to do for a scan whose way was cut short. Closed: only the cases below exist.</summary>
internal abstract record Resumption
{
    private Resumption()
    {
    }

    /// <summary>It had reached the archive or quarantine; its claim is closed now.</summary>
    internal sealed record Finished(FiledScan Filed) : Resumption;

    /// <summary>Nothing of it is in the archive: copy it again from its source.</summary>
    internal sealed record StartOver : Resumption;

    /// <summary>Its source is gone and its private copy was whole: go on from the copy.</summary>
    /// <param name="Digest">What the copy must hold.</param>
    /// <param name="IsOnlyOne">It was in quarantine: these are the only bytes there are, and never to be given up.</param>
    internal sealed record GoOnFromCopy(Sha512Digest Digest, bool IsOnlyOne) : Resumption;

    /// <summary>The archive has a damaged object under its id. Nothing was changed.</summary>
    internal sealed record Damaged(Finding Finding) : Resumption;
}

/// <summary>
/// Finds out how far an open claim came, after a crash of its process or a failure of its surroundings. Looks at this scan's
/// own object and folders only, never through the archive.
/// </summary>
internal sealed class ScanRecovery(IngestEnvironment environment)
{
    /// <summary>Brings one scan to a state from which the pipeline can go on.</summary>
    /// <exception cref="StorageException">The surroundings fail still. Safe to repeat.</exception>
    public async Task<Resumption> ResumeAsync(ScanInHand scan, CancellationToken cancellation)
    {
        ScanRow? row;
        using (var connection = environment.Database.OpenReader())
        {
            row = ScanTable.Find(connection, scan.Claim.Id);
        }

        if (row is null)
        {
            throw new InvalidOperationException("Only claims in the ledger are taken up.");
        }

        if (row.Outcome is { } ended)   // a commit that was reported as failed had happened after all
        {
            return new Resumption.Finished(new FiledScan(scan, new Closing(
                scan.Claim.Id, ended, row.RecordId, row.Version, Reason: row.Reason))
            {
                Parts = OpenParts(scan, row),
            });
        }

        string stagingName = scan.Claim.Id.ToBareString();
        var target = row.RecordId ?? scan.Claim.Id;
        await using var locks = await ObjectLocks.TakeAsync(environment.Locks, [target], cancellation);
        var version = new VersionNumber(row.Version ?? 1);
        return await environment.Archive.RecoverAsync(target.ToString(), version, stagingName, cancellation) switch
        {
            RecoveryOutcome.Committed or RecoveryOutcome.RolledForward when IsOurs(target, scan, out var found) =>
                await FinishAsync(scan, found, cancellation),
            RecoveryOutcome.Damaged damaged => new Resumption.Damaged(damaged.Finding),
            RecoveryOutcome.Absent or RecoveryOutcome.RolledBack or RecoveryOutcome.Committed or RecoveryOutcome.RolledForward =>
                await WithoutArchiveAsync(scan, row, cancellation),
            _ => throw new UnreachableException(),
        };
    }

    // A next version that was never placed leaves the object committed at its former head: only the scan id tells whose head it is.
    private bool IsOurs(RecordId target, ScanInHand scan, out OcflObject found)
    {
        found = environment.Archive.Find(target.ToString())
            ?? throw new DamagedObjectException(new Finding(FindingCodes.ObjectMissing, target.ToString(), "Recovered a moment ago, and not there now."));
        return RecordDocuments.IsRecord(found) && RecordDocuments.Read(environment.Archive, found).Record.ScanId == scan.Claim.Id;
    }

    private async Task<Resumption> FinishAsync(ScanInHand scan, OcflObject found, CancellationToken cancellation)
    {
        if (environment.Archive.Verify(found.Id, found.Head, cancellation) is { IsSound: false } damage)
        {
            return new Resumption.Damaged(damage.Findings[0]);   // the source may hold the only sound bytes: the claim is not filed
        }

        await environment.Data.FlushAsync(cancellation);   // recovery may have renamed: durable before the ledger says so
        var entry = RecordDocuments.Read(environment.Archive, found);
        var record = entry.Record;
        var outcome = record.Id == scan.Claim.Id ? ScanOutcome.Filed : ScanOutcome.Versioned;
        var closing = new Closing(scan.Claim.Id, outcome, record.Id, entry.Head, record.PagesOf(scan.Claim.Id), record.TextStatus, record.AccountInWords(), found.InventoryDigest);
        var by = environment.Audit.Origin.AgentOf(entry.Versions[^1].UserName, entry.Versions[^1].UserAddress);
        var now = environment.Time.GetUtcNow();
        var parts = await environment.Database.WriteAsync(
            (_, transaction) =>
            {
                ScanTable.NoteCopied(transaction, scan.Claim.Id, record.DigestOf(scan.Claim.Id), record.Identity);
                environment.Catalog.Put(transaction, entry);
                HeadRows.Put(transaction, entry, now);
                ClosedScans.Close(environment, transaction, closing, now, by);
                return PartClaims.Open(transaction, scan, record, entry.Head, environment.Instances.Name);
            },
            cancellation);
        scan.Digest = record.DigestOf(scan.Claim.Id);
        ClosedStaging.Discard(environment, scan.Claim.Id);
        environment.Logger.ScanRecovered(scan.Claim.Id, "was archived; its claim is closed");
        return new Resumption.Finished(new FiledScan(scan, closing) { Parts = parts });
    }

    // Opened by the same commit, and handed to nobody yet.
    private IReadOnlyList<ScanInHand> OpenParts(ScanInHand scan, ScanRow row)
    {
        if (row is not { RecordId: { } batch, Version: { } version })
        {
            return [];
        }

        using var connection = environment.Database.OpenReader();
        return [.. ScanTable.OpenParts(connection, batch, version, environment.Instances.Name).Select(claim => new ScanInHand(claim, scan.Folder))];
    }

    private async Task<Resumption> WithoutArchiveAsync(ScanInHand scan, ScanRow row, CancellationToken cancellation)
    {
        // What was in quarantine is ours alone: whatever stands in the drop folder now, it is not started over from there.
        bool wasQuarantined = WasQuarantined(scan.Claim.Id);
        bool sourceStands = !wasQuarantined && scan.SourceStands();
        string place = DataFolder.QuarantineOf(scan.Claim.Id);
        if (!sourceStands
            && environment.Data.Find($"{place}/{Quarantine.ReasonFileName}") is not null
            && environment.Data.Find($"{place}/{Quarantine.OriginalName}") is not null)   // else a person has it taken in again
        {
            return await FinishQuarantineAsync(scan, place, cancellation);
        }

        return !sourceStands && row.Digest is { } digest && BringCopyBack(scan)
            ? new Resumption.GoOnFromCopy(digest, IsOnlyOne: wasQuarantined)
            : new Resumption.StartOver();
    }

    private bool WasQuarantined(RecordId scan)
    {
        using var connection = environment.Database.OpenReader();
        return QuarantineTable.Find(connection, scan) is not null;
    }

    private async Task<Resumption> FinishQuarantineAsync(ScanInHand scan, string place, CancellationToken cancellation)
    {

        using var content = environment.Data.OpenRead($"{place}/{Quarantine.ReasonFileName}");
        using var reason = await JsonDocument.ParseAsync(content, default, cancellation);
        string? code = reason.RootElement.GetProperty("code").GetString();
        var closing = new Closing(scan.Claim.Id, ScanOutcome.Quarantined, Reason: reason.RootElement.GetProperty("reason").GetString());
        await environment.Data.FlushAsync(cancellation);
        var now = environment.Time.GetUtcNow();
        await environment.Database.WriteAsync(
            (_, transaction) =>
            {
                ClosedScans.Close(environment, transaction, closing, now);
                QuarantineTable.Put(transaction, scan.Claim.Id, code ?? "unrecognised", now);
                return true;
            },
            cancellation);
        return new Resumption.Finished(new FiledScan(scan, closing));
    }

    // Staging may have moved the private copy to its place in the object to be.
    private bool BringCopyBack(ScanInHand scan)
    {
        if (environment.Data.Find(scan.CopyPath) is { Kind: EntryKind.File })
        {
            return true;
        }

        string? staged = Below(scan.StagingPath).FirstOrDefault(path =>
            ArchivedOriginal.Is(DropFolder.NameOf(path)));
        if (staged is null)
        {
            return false;
        }

        environment.Data.Move(staged, scan.CopyPath);
        return true;
    }

    private IEnumerable<string> Below(string path)
    {
        if (environment.Data.Find(path) is not { Kind: EntryKind.Folder })
        {
            yield break;
        }

        foreach (var entry in environment.Data.List(path).ToList())
        {
            string child = $"{path}/{entry.Name}";
            if (entry.Kind != EntryKind.Folder)
            {
                yield return child;
                continue;
            }

            foreach (string deeper in Below(child))
            {
                yield return deeper;
            }
        }
    }
}
