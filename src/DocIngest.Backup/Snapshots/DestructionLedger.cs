namespace DocIngest.Backup.Snapshots;

/// <summary>Snapshots that say what was destroyed in the archive. They outlive every other: a restore of older data is held against the newest.</summary>
/// <remarks>
/// <para>They are no backups of the data folder: no policy counts them, nobody forgets them, and the latest snapshot is none of them unless tags
/// are asked for.</para>
/// <para>All of them stay. Each is a few kilobytes, and the newest holds what the former hold, since the ledger's files are written once.</para>
/// </remarks>
public static class DestructionLedger
{
    /// <summary>The tag that makes a snapshot one.</summary>
    public const string Tag = "destruction-ledger";

    /// <summary>Why such a snapshot stays, in the words of the keep policy.</summary>
    public const string Reason = "destruction ledger";

    /// <summary>Whether a snapshot is one, by its tags.</summary>
    public static bool IsTagged(IReadOnlyList<string> tags) => tags.Contains(Tag);
}
