using DocIngest.Backup.Encoding;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Pruning;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Snapshots;
using DocIngest.Storage;

namespace DocIngest.Backup.Removal;

/// <summary>Forgets snapshots: the first half of getting rid of data. What they alone refer to stays until it is pruned.</summary>
/// <remarks>Each snapshot is one file and goes in one step. A crash leaves the rest, and the same request removes it.</remarks>
public sealed class SnapshotRemoval(Repository repository, LockTerms terms)
{
    /// <summary>Says what would be removed. Takes no lock and changes nothing.</summary>
    /// <param name="request">What shall go.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="NameNotFoundException">A named snapshot is not there.</exception>
    /// <exception cref="DamagedRepositoryException">A snapshot cannot be read: to which group it belongs, nobody can say. By its name it can be removed.</exception>
    /// <exception cref="RemovalRefusedException">
    /// The policy keeps nothing at all, or nothing of a group, and that is not allowed; or a named snapshot is one of <see cref="OwnSeries"/>, which are not forgotten by name.
    /// </exception>
    public async Task<RemovalPlan> PlanAsync(RemovalRequest request, CancellationToken cancellation) =>
        request.Named.Count > 0 ? await PlanNamedAsync(request, cancellation) : await PlanByPolicyAsync(request, cancellation);

    /// <summary>Plans and removes, while nobody else works in the repository.</summary>
    /// <param name="request">What shall go.</param>
    /// <param name="cancellation">Gives up; the rest stays.</param>
    /// <returns>What was removed, and why the others were kept.</returns>
    /// <exception cref="RepositoryLockedException">Somebody works there. Nothing changed.</exception>
    /// <exception cref="StorageException">As <see cref="PlanAsync"/>; or a snapshot could not be removed: those before it are, the rest stays. Safe to repeat.</exception>
    /// <remarks>The errors of <see cref="PlanAsync"/> too; then nothing changed.</remarks>
    public Task<RemovalPlan> RunAsync(RemovalRequest request, CancellationToken cancellation) => terms.HoldAsync(
        repository,
        isExclusive: true,
        async stop =>
        {
            var plan = await PlanAsync(request, stop);   // under the lock: what is planned is what is there
            await RemoveAsync(plan, stop);
            return plan;
        },
        cancellation);

    /// <summary>Plans, removes and prunes under one lock: what prune refuses to do without is not forgotten either.</summary>
    /// <param name="request">What shall go.</param>
    /// <param name="pruning">How far; its places may be in snapshots that go.</param>
    /// <param name="progress">As <see cref="PruneRun.RunAsync"/>.</param>
    /// <param name="cancellation">Gives up; the repository is whole, and the same request goes on.</param>
    /// <exception cref="PruneRefusedException">What the other snapshots need is not all there, or everything would go. Nothing changed.</exception>
    /// <remarks>The errors of <see cref="RunAsync"/> and <see cref="PruneRun.RunAsync"/> too. Crash points: (1) snapshots, then those of <see cref="PruneRun"/>.</remarks>
    public Task<(RemovalPlan Plan, PruneResult Pruned)> RunAndPruneAsync(
        RemovalRequest request, PruneOptions pruning, IProgress<WorkProgress>? progress, CancellationToken cancellation) => terms.HoldAsync(
        repository,
        isExclusive: true,
        async (held, stop) =>
        {
            await held.Confirmed;
            var plan = await PlanAsync(request, stop);
            var pruned = await new PrunePlanner(repository, pruning, terms.Time).PlanAsync(plan.Removed.ToHashSet(), stop);
            await RemoveAsync(plan, stop);   // 1
            return (plan, await PruneRun.ExecuteAsync(repository, pruned, held, terms.Time, progress, stop));
        },
        cancellation);

    private async Task RemoveAsync(RemovalPlan plan, CancellationToken cancellation)
    {
        foreach (var id in plan.Removed)
            await repository.Store.DeleteAsync(FileKind.Snapshot, id, cancellation);
    }

    private async Task<RemovalPlan> PlanNamedAsync(RemovalRequest request, CancellationToken cancellation)
    {
        FileId[] named = [.. request.Named.Distinct()];
        foreach (var id in named)
        {
            if (await repository.Store.FindAsync(FileKind.Snapshot, id, cancellation) is null)
                throw new NameNotFoundException($"{repository.Store.DisplayName}: there is no snapshot {id}.");
            await DemandBackupAsync(id, cancellation);
        }

        return new RemovalPlan([], named);
    }

    private async Task DemandBackupAsync(FileId id, CancellationToken cancellation)
    {
        Snapshot snapshot;
        try
        {
            snapshot = await repository.LoadSnapshotAsync(id, cancellation);
        }
        catch (DamagedRepositoryException)
        {
            return;   // of no use to anybody, whatever it was: by its name it can be removed
        }

        string? why = OwnSeries.Of(snapshot.Tags) switch
        {
            DestructionLedger.Tag => $"is of the destruction ledger (tag {DestructionLedger.Tag}): it says which records were destroyed, and is never forgotten",
            AuditHeads.Tag => $"says how far an audit had come (tag {AuditHeads.Tag}), and is not forgotten by name: the policy forgets old ones",
            _ => null,
        };
        if (why is not null)
        {
            throw new RemovalRefusedException($"The snapshot {id} {why}. Nothing was removed.") { MayBeAllowed = false };
        }
    }

    private async Task<RemovalPlan> PlanByPolicyAsync(RemovalRequest request, CancellationToken cancellation)
    {
        if (request.Policy.IsEmpty)
            throw new RemovalRefusedException("The policy has no rule that keeps anything: that is taken for a mistake.");
        var snapshots = new List<PolicySnapshot>();
        var ledgers = new List<PolicySnapshot>();
        var heads = new List<PolicySnapshot>();
        await foreach (var listed in repository.ListSnapshotsAsync(cancellation))
        {
            if (listed.Snapshot is not { } snapshot)
                throw listed.Fault ?? new DamagedRepositoryException(FileKind.Snapshot, listed.Id, "it cannot be read.");
            if (request.Filter.Matches(snapshot))
                (OwnSeries.Of(snapshot.Tags) switch { null => snapshots, DestructionLedger.Tag => ledgers, _ => heads }).Add(PolicySnapshot.Of(listed.Id, snapshot));
        }

        var now = UnixTime.Now(terms.Time);
        PlannedGroup[] groups = [.. Groups(snapshots, request.Grouping).Select(group => new PlannedGroup(group, request.Policy.Apply(group.Snapshots, now)))];
        PlannedGroup[] own =
        [
            .. Groups(ledgers, request.Grouping).Select(group => new PlannedGroup(group, NewestKept(group, int.MaxValue, DestructionLedger.Reason))),
            .. Groups(heads, SnapshotGrouping.HostAndPaths).Select(group => new PlannedGroup(group, NewestKept(group, AuditHeads.MostKept, AuditHeads.Reason))),
        ];
        if (!request.MayRemoveWholeGroups && Array.Find(groups, group => group.Verdict.RemovesAll) is { } lost)
        {
            throw new RemovalRefusedException(
                $"The policy would leave none of the {lost.Verdict.Removed.Count} snapshots of {lost.Group.HostName} {string.Join(' ', lost.Group.Paths)}."
                + " Nothing was removed.");
        }

        return new RemovalPlan([.. groups, .. own], [.. groups.Concat(own).SelectMany(group => group.Verdict.Removed).Select(snapshot => snapshot.Id)]);
    }

    private static IEnumerable<SnapshotGroup> Groups(IEnumerable<PolicySnapshot> snapshots, SnapshotGrouping grouping) =>
        SnapshotGroup.Of(snapshots.OrderBy(snapshot => snapshot.Time.Instant).ThenBy(snapshot => snapshot.Id), grouping);

    private static PolicyVerdict NewestKept(SnapshotGroup group, int most, string reason)
    {
        var newest = group.Snapshots.Reverse().ToList();
        return new PolicyVerdict([.. newest.Take(most).Select(snapshot => new KeptSnapshot(snapshot, [reason]))], [.. newest.Skip(most)]);
    }
}
