namespace DocIngest.Archive;

/// <summary>How a copy goes about it.</summary>
public sealed record ArchiveCopyOptions
{
    /// <summary>Objects at once. Default 4: a remote store answers slowly, and takes several requests.</summary>
    public int Parallelism { get; init; } = 4;

    /// <summary>
    /// Runs one step, named for people, and repeats it while the store does not answer. Each step is safe to repeat, and goes on where it was. Default: no repetition.
    /// </summary>
    public Func<string, Func<CancellationToken, Task>, CancellationToken, Task> Attempt { get; init; } = (_, step, cancellation) => step(cancellation);
}

/// <summary>How far a copy is.</summary>
/// <param name="Objects">Places of objects done.</param>
/// <param name="AllObjects">Places of objects in the source.</param>
/// <param name="Bytes">Bytes of content written.</param>
public readonly record struct ArchiveCopyProgress(long Objects, long AllObjects, long Bytes);

/// <summary>Something that kept an object from being copied whole, or that a person must know of it.</summary>
/// <param name="Store">Where it was found, in words for people.</param>
/// <param name="Finding">What.</param>
public sealed record ArchiveCopyFinding(string Store, Finding Finding);

/// <summary>What a copy did.</summary>
/// <param name="Objects">Objects of the source.</param>
/// <param name="Copied">Objects of which versions were written.</param>
/// <param name="Present">Objects that were there already, by the digest of their inventory. Their content was not read.</param>
/// <param name="Bytes">Bytes of content written, each compared with its digest on the way.</param>
/// <param name="Findings">By path and code.</param>
public sealed record ArchiveCopyReport(long Objects, long Copied, long Present, long Bytes, IReadOnlyList<ArchiveCopyFinding> Findings)
{
    /// <summary>Whether every object of the source is in the target with all its versions.</summary>
    public bool IsComplete => Findings.Count == 0 && Copied + Present == Objects;
}
