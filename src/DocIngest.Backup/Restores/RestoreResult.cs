namespace DocIngest.Backup.Restores;

/// <summary>What a restore did. Everything counted as there was written by it, or was read and found equal.</summary>
public sealed record RestoreResult
{
    /// <summary>The snapshot.</summary>
    public required FileId Snapshot { get; init; }

    /// <summary>How it ended.</summary>
    public required RestoreVerdict Verdict { get; init; }

    /// <summary>Whether only to look was asked for: then what is counted as restored would be.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Regular files, further names of one file among them.</summary>
    public required RestoreCounts Files { get; init; }

    /// <summary>Directories that were selected. Those only on the way to what was selected are not counted.</summary>
    public required RestoreCounts Directories { get; init; }

    /// <summary>Symbolic links.</summary>
    public required RestoreCounts Links { get; init; }

    /// <summary>FIFOs and devices, and entries of a kind that nobody knows.</summary>
    public required RestoreCounts Specials { get; init; }

    /// <summary>Of the restored files, those that became a further name of another.</summary>
    public long HardLinks { get; init; }

    /// <summary>Bytes of content in files that were written.</summary>
    public long BytesRestored { get; init; }

    /// <summary>Bytes of content in files that were found equal.</summary>
    public long BytesEqual { get; init; }

    /// <summary>Entries left without their owner or group, because only root may set them. No problem where it was known before.</summary>
    public long OwnersNotSet { get; init; }

    /// <summary>Sockets in the snapshot. They are never restored: the program that listens on one makes it anew.</summary>
    public long SocketsLeftOut { get; init; }

    /// <summary>The first problems, at most <see cref="MostProblemsListed"/>, in the order they were met.</summary>
    public required IReadOnlyList<RestoreProblem> Problems { get; init; }

    /// <summary>How many problems there are of each kind, listed or not; without the kinds that there are none of.</summary>
    public required IReadOnlyDictionary<RestoreProblemKind, long> ProblemCounts { get; init; }

    /// <summary>All problems, listed or not.</summary>
    public long ProblemCount => ProblemCounts.Values.Sum();

    /// <summary>The most problems that are listed.</summary>
    public const int MostProblemsListed = 10_000;
}

/// <summary>What became of the entries of one kind.</summary>
/// <param name="Selected">Met in the snapshot and wanted. What is below a directory that could not be made is not met.</param>
/// <param name="Restored">Written, whole and verified. Of directories: made.</param>
/// <param name="Equal">There already with the same content; their metadata was set where it differed.</param>
/// <param name="NotRestored">Each of them, or a directory it is in, has a problem.</param>
public readonly record struct RestoreCounts(long Selected, long Restored, long Equal, long NotRestored)
{
    /// <summary>Whether every one of them has its fate.</summary>
    public bool AddUp => Selected == Restored + Equal + NotRestored;
}

/// <summary>How a restore ended.</summary>
public enum RestoreVerdict
{
    /// <summary>Everything selected is there as the snapshot has it.</summary>
    Complete,

    /// <summary>There are problems. All else is there.</summary>
    Partial,

    /// <summary>Nothing was selected: no pattern met anything, or the snapshot is empty.</summary>
    Nothing,
}
