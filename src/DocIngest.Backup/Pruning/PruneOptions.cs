using DocIngest.Backup.Checks;

namespace DocIngest.Backup.Pruning;

/// <summary>How far a prune goes.</summary>
public sealed record PruneOptions
{
    /// <summary>How much of what stays may be unused, in percent of what is used. Default 5, as restic's; 0 rewrites every pack that holds anything unused.</summary>
    public double MostUnusedPercent
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    } = 5;

    /// <summary>The most bytes of packs to rewrite; null for no limit. Packs of which nothing is used go without being rewritten.</summary>
    public long? MostRepackBytes { get; init; }

    /// <summary>
    /// Whether every pack with anything unused in it is rewritten, whatever the limits above say: for destroyed records, of which nothing may
    /// stay that no snapshot refers to. Default false.
    /// </summary>
    public bool RepacksAllUnused { get; init; }

    /// <summary>How long a pack that no index names is left alone, since another host may be about to index it. Default 24 hours.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromHours(24);

    /// <summary>What must leave the repository as far as no snapshot that stays needs it, whatever the limits above say.</summary>
    public IReadOnlyList<SnapshotPath> RepackContaining { get; init; } = [];

    /// <summary>When packs were last read whole, and how that went: of two copies of a blob the one that was found whole stays. Default: not known.</summary>
    public IVerificationLog? Verification { get; init; }

    /// <summary>Whether to prune where there is no snapshot, or none but of the destruction ledger, which removes everything. Default false: somebody may have lost them.</summary>
    public bool MayRemoveEverything { get; init; }
}

/// <summary>A place in a snapshot.</summary>
/// <param name="Snapshot">The snapshot.</param>
/// <param name="Path">From its root on, as <c>ls</c> and <c>restore</c> name it: <c>/archive/1a2/…</c>.</param>
public sealed record SnapshotPath(FileId Snapshot, string Path);
