namespace DocIngest.Archive.Validation;

/// <summary>How a validation goes about it.</summary>
public sealed record ValidationOptions
{
    /// <summary>Whether content is read and compared with its digests. Without it only structure is shown to be valid. Default true.</summary>
    public bool ChecksFixity { get; init; } = true;

    /// <summary>Files or objects worked on at once. Default: one a processor.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>How long an object that changed is left alone before it is looked at again. Default 1 s: a commit takes milliseconds.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The clock for <see cref="Settle"/>. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>How far a validation is.</summary>
/// <param name="Objects">Objects done.</param>
/// <param name="Files">Content files read.</param>
/// <param name="Bytes">Bytes of content read.</param>
public readonly record struct ValidationProgress(long Objects, long Files, long Bytes);

/// <summary>What a validation was of.</summary>
public enum ValidationSubject
{
    /// <summary>A storage root with its objects.</summary>
    StorageRoot,

    /// <summary>One object.</summary>
    Object,

    /// <summary>A folder that is neither.</summary>
    Neither,
}

/// <summary>What a validation found.</summary>
/// <param name="Subject">What it was of.</param>
/// <param name="Objects">Objects looked at.</param>
/// <param name="Files">Content files read to their end and compared with their digests.</param>
/// <param name="Bytes">Bytes of content read.</param>
/// <param name="ChecksFixity">Whether content was read at all.</param>
/// <param name="Findings">By path, code and message; of very many the first 1,000 of a rule in an object and 100,000 in all, errors first.</param>
/// <param name="FindingCounts">How many there are by code, also those that are not told one by one.</param>
public sealed record ValidationReport(
    ValidationSubject Subject,
    long Objects,
    long Files,
    long Bytes,
    bool ChecksFixity,
    IReadOnlyList<ValidationFinding> Findings,
    IReadOnlyDictionary<string, long> FindingCounts)
{
    /// <summary>Whether no rule is broken and everything could be looked at. Warnings are allowed; content is only vouched for where <see cref="ChecksFixity"/>.</summary>
    public bool IsValid => !Findings.Any(finding => finding.Severity == FindingSeverity.Error);

    /// <summary>Whether what keeps it from being valid is the surroundings alone: nothing is known to be damaged, and a retry may help.</summary>
    public bool IsOnlyUnreadable => !IsValid && Findings.All(finding => finding.Severity == FindingSeverity.Warning || finding.Rule.IsOfSurroundings);
}
