namespace DocIngest.Backup.Snapshots;

/// <summary>Which snapshots a command is about, as restic's options <c>--host</c>, <c>--path</c> and <c>--tag</c> choose them. Empty: all.</summary>
public sealed record SnapshotFilter
{
    /// <summary>Lets all snapshots pass.</summary>
    public static SnapshotFilter All { get; } = new();

    /// <summary>One of these hosts made it.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>All of these paths are in it.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>It has all tags of one of these lists. An empty tag stands for having none.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Tags { get; init; } = [];

    /// <summary>Whether a snapshot is one of those.</summary>
    public bool Matches(Snapshot snapshot) =>
        (Hosts.Count == 0 || Hosts.Contains(snapshot.HostName))
        && Paths.All(snapshot.Paths.Contains)
        && (Tags.Count == 0 || Tags.Any(wanted => HasAll(snapshot.Tags, wanted)));

    /// <remarks>As in restic, an empty tag ends the search where there are no tags, whatever stands behind it.</remarks>
    internal static bool HasAll(IReadOnlyList<string> tags, IReadOnlyList<string> wanted)
    {
        foreach (string tag in wanted)
        {
            if (tag.Length == 0 && tags.Count == 0)
                return true;
            if (!tags.Contains(tag))
                return false;
        }

        return true;
    }
}
