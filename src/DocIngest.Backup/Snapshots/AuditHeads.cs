namespace DocIngest.Backup.Snapshots;

/// <summary>Snapshots that say how far somebody's audit had come: what a machine that was rolled back no longer knows.</summary>
/// <remarks>
/// <para>What they say stands in their tags, so that the list of snapshots is all that has to be read. They are no backups of the data folder: the keep
/// policy does not count them, and the latest snapshot is none of them unless tags are asked for.</para>
/// <para>Of each host and path the newest <see cref="MostKept"/> stay; older ones go with the next forget. What speaks against a machine is never forgotten by it:
/// it may not forget anything then.</para>
/// </remarks>
public static class AuditHeads
{
    /// <summary>The tag that makes a snapshot one.</summary>
    public const string Tag = "audit-head";

    /// <summary>Why such a snapshot stays, in the words of the keep policy.</summary>
    public const string Reason = "audit head";

    /// <summary>How many of each host and path a forget leaves.</summary>
    public const int MostKept = 10;

    /// <summary>Whether a snapshot is one, by its tags.</summary>
    public static bool IsTagged(IReadOnlyList<string> tags) => tags.Contains(Tag);
}
