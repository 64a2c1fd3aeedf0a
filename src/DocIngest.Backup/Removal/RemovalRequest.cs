using DocIngest.Backup.Snapshots;

namespace DocIngest.Backup.Removal;

/// <summary>Which snapshots shall go. Named ones go whatever the policy says; without names the policy decides.</summary>
/// <remarks>Those of the <see cref="DestructionLedger"/> never go.</remarks>
public sealed record RemovalRequest
{
    /// <summary>Snapshots by name.</summary>
    public IReadOnlyList<FileId> Named { get; init; } = [];

    /// <summary>What stays, where none are named.</summary>
    public SnapshotPolicy Policy { get; init; } = new();

    /// <summary>Which snapshots the policy is asked about; the others stay.</summary>
    public SnapshotFilter Filter { get; init; } = SnapshotFilter.All;

    /// <summary>What snapshots must share to be counted together. Default restic's.</summary>
    public SnapshotGrouping Grouping { get; init; } = SnapshotGrouping.HostAndPaths;

    /// <summary>Whether the policy may leave nothing of a group. Default false: that is mostly a mistake.</summary>
    public bool MayRemoveWholeGroups { get; init; }
}

/// <summary>What a removal would do, or did.</summary>
/// <param name="Groups">
/// What the policy says of each group; empty where snapshots were named. Then, in groups of their own, those of the
/// <see cref="DestructionLedger"/>: the policy is not asked about them, and does not count them.
/// </param>
/// <param name="Removed">All snapshots that go.</param>
public sealed record RemovalPlan(IReadOnlyList<PlannedGroup> Groups, IReadOnlyList<FileId> Removed);

/// <summary>A group of snapshots and the verdict on it.</summary>
public sealed record PlannedGroup(SnapshotGroup Group, PolicyVerdict Verdict);
