namespace DocIngest.Backup.Snapshots;

/// <summary>What snapshots must share for the policy to count them together.</summary>
[Flags]
public enum SnapshotGrouping
{
    /// <summary>All are counted together.</summary>
    None = 0,

    /// <summary>The host they were made on.</summary>
    Host = 1,

    /// <summary>What was backed up, in whatever order it was named.</summary>
    Paths = 2,

    /// <summary>Their tags, in whatever order.</summary>
    Tags = 4,

    /// <summary>restic's own default.</summary>
    HostAndPaths = Host | Paths,
}

/// <summary>Snapshots that a policy counts together.</summary>
/// <param name="HostName">What they share; empty where that does not matter.</param>
/// <param name="Paths">What they share, sorted; empty where that does not matter.</param>
/// <param name="Tags">What they share, sorted; empty where that does not matter.</param>
/// <param name="Snapshots">The snapshots, in the order given.</param>
public sealed record SnapshotGroup(
    string HostName, IReadOnlyList<string> Paths, IReadOnlyList<string> Tags, IReadOnlyList<PolicySnapshot> Snapshots)
{
    /// <summary>Sorts snapshots into groups. The order of groups is that of their first snapshots.</summary>
    public static IReadOnlyList<SnapshotGroup> Of(IEnumerable<PolicySnapshot> snapshots, SnapshotGrouping grouping)
    {
        var groups = new OrderedDictionary<Key, List<PolicySnapshot>>();
        foreach (var snapshot in snapshots)
        {
            var key = new Key(
                grouping.HasFlag(SnapshotGrouping.Host) ? snapshot.HostName : "",
                grouping.HasFlag(SnapshotGrouping.Paths) ? Sorted(snapshot.Paths) : [],
                grouping.HasFlag(SnapshotGrouping.Tags) ? Sorted(snapshot.Tags) : []);
            if (!groups.TryGetValue(key, out var members))
                groups.Add(key, members = []);
            members.Add(snapshot);
        }

        return [.. groups.Select(group => new SnapshotGroup(group.Key.HostName, group.Key.Paths, group.Key.Tags, group.Value))];
    }

    private static string[] Sorted(IReadOnlyList<string> words) => [.. words.Order(StringComparer.Ordinal)];

    private sealed record Key(string HostName, string[] Paths, string[] Tags)
    {
        public bool Equals(Key? other) => other is not null && HostName == other.HostName &&
            Paths.AsSpan().SequenceEqual(other.Paths) && Tags.AsSpan().SequenceEqual(other.Tags);

        public override int GetHashCode()
        {
            var hash = default(HashCode);
            hash.Add(HostName);
            Array.ForEach(Paths, hash.Add);
            Array.ForEach(Tags, hash.Add);
            return hash.ToHashCode();
        }
    }
}
