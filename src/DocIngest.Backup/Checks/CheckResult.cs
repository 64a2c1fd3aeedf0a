namespace DocIngest.Backup.Checks;

/// <summary>What a check found, and what it looked at.</summary>
public sealed record CheckResult
{
    /// <summary>All in all.</summary>
    public required CheckVerdict Verdict { get; init; }

    /// <summary>The worst first; of each code the first thousand.</summary>
    public required IReadOnlyList<CheckFinding> Findings { get; init; }

    /// <summary>How many findings of each code there were, also those that <see cref="Findings"/> has no room for.</summary>
    public required IReadOnlyDictionary<string, long> FindingCounts { get; init; }

    /// <summary>Key files that can be used, if their password is known.</summary>
    public required Tally Keys { get; init; }

    /// <summary>Index files.</summary>
    public required Tally IndexFiles { get; init; }

    /// <summary>Snapshots; sound is one that can be read, whatever is below it.</summary>
    public required Tally Snapshots { get; init; }

    /// <summary>Trees that snapshots need, each one once; missing ones as often as they are missed.</summary>
    public required Tally Trees { get; init; }

    /// <summary>Packs of the index by what their listing says: there, and of the right size.</summary>
    public required Tally PackFiles { get; init; }

    /// <summary>Packs of the index by their bytes. Skipped are those that were not to be read; missing ones are damaged.</summary>
    public required Tally PackContents { get; init; }

    /// <summary>Blobs of the index by their bytes; one in two packs counts twice.</summary>
    public required Tally Blobs { get; init; }

    /// <summary>Packs that no index lists.</summary>
    public required long OrphanPacks { get; init; }

    /// <summary>Bytes of packs that were read whole, once each.</summary>
    public required long BytesRead { get; init; }

    /// <summary>Whether the store can tell what lies in it besides the repository's files. If not, nobody looked.</summary>
    public required bool LookedForStrays { get; init; }

    /// <summary>The packs that were read whole, and how that went. Those in <see cref="CheckOptions.Verification"/> are recorded already.</summary>
    public required IReadOnlyList<PackVerification> Verifications { get; init; }

    /// <summary>How far the packs are verified; null where <see cref="CheckOptions.Verification"/> was not given.</summary>
    public required VerificationCoverage? Coverage { get; init; }
}

/// <summary>What to think of a repository after a check.</summary>
public enum CheckVerdict
{
    /// <summary>Something is damaged, or nothing was there to be checked.</summary>
    Errors,

    /// <summary>Nothing is damaged, and something needs to be looked at.</summary>
    Warnings,

    /// <summary>Everything that was to be checked was, and is as it must be.</summary>
    Sound,
}

/// <summary>How many there are of something. The three together are all.</summary>
/// <param name="Sound">Looked at and good.</param>
/// <param name="Damaged">Looked at and not good.</param>
/// <param name="Skipped">Not looked at.</param>
public readonly record struct Tally(long Sound, long Damaged, long Skipped = 0)
{
    /// <summary>All.</summary>
    public long Total => Sound + Damaged + Skipped;
}

/// <summary>How far the packs of a repository are verified, this check included.</summary>
/// <param name="InTime">Packs read within the age that was demanded.</param>
/// <param name="TooOld">Packs read longer ago.</param>
/// <param name="Never">Packs never read, or damaged when they were.</param>
/// <param name="Oldest">When the pack was read that was not read for the longest time; null where none was ever read.</param>
public sealed record VerificationCoverage(long InTime, long TooOld, long Never, DateTimeOffset? Oldest)
{
    /// <summary>Packs of the index.</summary>
    public long Packs => InTime + TooOld + Never;
}
