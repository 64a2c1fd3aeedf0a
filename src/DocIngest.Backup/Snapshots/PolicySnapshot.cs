using DocIngest.Backup.Encoding;

namespace DocIngest.Backup.Snapshots;

/// <summary>What the forget policy knows of a snapshot.</summary>
/// <param name="Id">Its file.</param>
/// <param name="Time">When it was made, with the zone it was made in: hours, days and weeks are counted there.</param>
/// <param name="HostName">Where it was made.</param>
/// <param name="Paths">What was backed up.</param>
/// <param name="Tags">Words given to it.</param>
public sealed record PolicySnapshot(FileId Id, ZonedTime Time, string HostName, IReadOnlyList<string> Paths, IReadOnlyList<string> Tags)
{
    /// <summary>Takes what matters from a snapshot.</summary>
    public static PolicySnapshot Of(FileId id, Snapshot snapshot) => new(id, snapshot.Time, snapshot.HostName, snapshot.Paths, snapshot.Tags);
}

/// <summary>A snapshot that stays.</summary>
/// <param name="Snapshot">Which.</param>
/// <param name="Reasons">Why, in restic's words: <c>daily snapshot</c>, <c>oldest weekly snapshot</c>, <c>within 7d</c>.</param>
public sealed record KeptSnapshot(PolicySnapshot Snapshot, IReadOnlyList<string> Reasons);

/// <summary>What a policy says of one group of snapshots. Nothing is removed by knowing it.</summary>
/// <param name="Kept">What stays, newest first.</param>
/// <param name="Removed">What goes, newest first.</param>
public sealed record PolicyVerdict(IReadOnlyList<KeptSnapshot> Kept, IReadOnlyList<PolicySnapshot> Removed)
{
    /// <summary>Whether nothing of the group would be left: to be refused unless somebody explicitly wants that.</summary>
    public bool RemovesAll => Kept.Count == 0 && Removed.Count > 0;
}
