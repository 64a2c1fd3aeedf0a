namespace DocIngest.Backup.Checks;

/// <summary>What a check is to do.</summary>
public sealed record CheckOptions
{
    /// <summary>Which packs are read whole. Default: none.</summary>
    public PackReading Reading { get; init; } = new PackReading.Nothing();

    /// <summary>When packs were last verified, and when that is too long ago. Default: not looked at.</summary>
    public VerificationTerms? Verification { get; init; }

    /// <summary>
    /// Whether the repository is locked meanwhile. Default: yes. Without a lock, for copies nobody may write to, somebody else's work
    /// can look like damage.
    /// </summary>
    public bool TakesLock { get; init; } = true;
}

/// <summary>When each pack was last verified, and when that is too long ago.</summary>
/// <param name="Log">Where it is kept; what the check reads is added.</param>
/// <param name="MaxAge">A pack read longer ago than this is told.</param>
public sealed record VerificationTerms(IVerificationLog Log, TimeSpan MaxAge);
