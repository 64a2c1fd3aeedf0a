using System.Diagnostics;
using System.Text;
using DocIngest.Archive;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Records;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Revisions;

/// <summary>Puts successors into the archive, and finds out which of them reached it. The caller holds the lock of the record whose place they take.</summary>
internal sealed class SuccessorFiling(IngestEnvironment environment)
{
    /// <summary>Stages them, places them and reads them back. All are durable then.</summary>
    /// <param name="former">The record whose place they take.</param>
    /// <param name="plan">Who decided it.</param>
    /// <param name="successors">Those that are not in the archive yet.</param>
    /// <param name="since">Taken before the first of their files was written.</param>
    /// <param name="reason">The versions' message.</param>
    /// <param name="cancellation">Heeded until the first is placed.</param>
    /// <exception cref="FixityException">A file of the former record is damaged. Nothing was placed.</exception>
    /// <exception cref="StorageException">Some may be placed: <see cref="FindPlacedAsync"/> tells.</exception>
    public async Task PlaceAsync(
        OcflObject former, SuccessionPlan plan, IReadOnlyList<Successor> successors, FlushMark since, string reason, CancellationToken cancellation)
    {
        var staged = new List<StagedVersion>(successors.Count);
        foreach (var successor in successors)
        {
            staged.Add(await StageAsync(former, plan, successor, since, reason, cancellation));
        }

        foreach (var result in await environment.Archive.CommitGroupAsync(staged, cancellation))
        {
            if (result.Error() is { } error)
            {
                throw error;
            }
        }

        foreach (var successor in successors)
        {
            DemandSound(successor.Record.Id);
        }
    }

    /// <summary>Those of a plan that are in the archive, sound. Durable after the caller's next flush.</summary>
    /// <exception cref="DamagedObjectException">One is damaged.</exception>
    public async Task<HashSet<RecordId>> FindPlacedAsync(SuccessionPlan plan, CancellationToken cancellation)
    {
        var placed = new HashSet<RecordId>();
        foreach (var id in plan.Successors.Select(successor => successor.Id))
        {
            switch (await environment.Archive.RecoverAsync(id.ToString(), VersionNumber.First, id.ToBareString(), cancellation))
            {
                case RecoveryOutcome.Committed or RecoveryOutcome.RolledForward:
                    DemandSound(id);
                    placed.Add(id);
                    break;
                case RecoveryOutcome.Absent or RecoveryOutcome.RolledBack:
                    break;
                case RecoveryOutcome.Damaged damaged:
                    throw new DamagedObjectException(damaged.Finding);
                default:
                    throw new UnreachableException();
            }
        }

        return placed;
    }

    /// <summary>Reads them as the catalog wants them.</summary>
    public IReadOnlyList<CatalogEntry> ReadBack(IEnumerable<RecordId> successors) => [.. successors.Select(id => RecordDocuments.Read(
        environment.Archive,
        environment.Archive.Find(id.ToString()) ?? throw new DamagedObjectException(new Finding(FindingCodes.ObjectMissing, id.ToString(), "Committed a moment ago, and not there now."))))];

    /// <summary>Removes their staging entries. Only after their outcome stands in the ledger.</summary>
    public void Discard(SuccessionPlan plan)
    {
        foreach (var successor in plan.Successors)
        {
            ClosedStaging.Discard(environment, successor.Id);
        }
    }

    private async Task<StagedVersion> StageAsync(
        OcflObject former, SuccessionPlan plan, Successor successor, FlushMark since, string reason, CancellationToken cancellation)
    {
        string stagingName = successor.Record.Id.ToBareString();
        environment.Archive.Discard(stagingName);   // what an earlier try left
        var staged = environment.Archive.StageNewObject(successor.Record.Id.ToString(), stagingName, since);
        foreach (var file in successor.Files)
        {
            if (file.Cut is { } cut)
            {
                staged.AdoptContent(file.Name, cut.Path, cut.Digest, cut.SizeBytes);
            }
            else
            {
                await using var content = environment.Archive.OpenContent(former, former.Head, file.Name);
                await using var copy = staged.CreateContent(file.Name);
                await content.CopyToAsync(copy, cancellation);   // throws at the end where it is not what was archived
                copy.Complete();
            }
        }

        if (successor.Text is { } text)
        {
            RecordDocuments.WriteText(staged, text);
        }

        if (successor.SidecarJson is { } sidecar)
        {
            staged.AddContent(RecordDocuments.SidecarFileName, Encoding.UTF8.GetBytes(sidecar));
        }

        RecordDocuments.WriteRecord(staged, successor.Record);
        staged.Seal(new VersionInfo
        {
            Created = environment.Time.GetUtcNow(),
            Message = reason,
            UserName = plan.By,
            UserAddress = plan.Account,
        });
        return staged;
    }

    private void DemandSound(RecordId id)
    {
        if (environment.Archive.Verify(id.ToString(), VersionNumber.First, CancellationToken.None) is { IsSound: false } damage)
        {
            throw new DamagedObjectException(damage.Findings[0]);
        }
    }
}
