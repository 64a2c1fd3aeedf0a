using DocIngest.Pipeline.Extraction.Ocr;

namespace DocIngest.Pipeline.Extraction;

/// <summary>How documents are read, and what one document may cost.</summary>
public sealed record ExtractionOptions
{
    /// <summary>Absolute path of the program that reads, for example <c>docingest</c> or <c>dotnet</c>.</summary>
    public required string WorkerExecutable { get; init; }

    /// <summary>Its arguments up to and including <c>extract-worker</c>.</summary>
    public required IReadOnlyList<string> WorkerArguments { get; init; }

    /// <summary>Folders (absolute) whose files workers may read: staging, and nothing else in production.</summary>
    public required IReadOnlyList<string> ReadableFolders { get; init; }

    /// <summary>Documents read at the same time. Default: one per core; 1 to 64.</summary>
    public int WorkerCount { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, MaxWorkers);

    /// <summary>Longest time for one try at one document. Default 10 min.</summary>
    public TimeSpan DocumentLimit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Longest time without a page or another sign of progress. Default 2 min.</summary>
    public TimeSpan StallLimit { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Longest time one program called by a worker (OCR) may pause the stall limit. Default 2 min.</summary>
    public TimeSpan ExternalCallLimit { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Longest time from start of a worker to its first word. Default 30 s.</summary>
    public TimeSpan StartLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Managed memory of one worker. Default 768 MiB; at least 64 MiB.</summary>
    public long HeapLimitBytes { get; init; } = 768L << 20;

    /// <summary>Pages of one document. Default 20,000.</summary>
    public int MaxPages { get; init; } = 20_000;

    /// <summary>
    /// Pixels of a page that are decoded. An image file's page of more is too large, which its header says; a page of a PDF is rendered at a lower
    /// resolution. Default 100 million: A3 at 600 DPI is 70 million.
    /// </summary>
    public long MaxPixels { get; init; } = 100_000_000;

    /// <summary>Characters of text of one document. Default 20 million: about 8,000 dense pages.</summary>
    public int MaxTextChars { get; init; } = 20_000_000;

    /// <summary>Characters of text of one page. Default 1 million.</summary>
    public int MaxPageTextChars { get; init; } = 1_000_000;

    /// <summary>Documents after which a worker is replaced. Default 5,000.</summary>
    public int RecycleAfterDocuments { get; init; } = 5_000;

    /// <summary>Private memory above which a worker is replaced between two documents. Default 192 MiB.</summary>
    public long RecycleAbovePrivateBytes { get; init; } = 192L << 20;

    /// <summary>How pages without usable text are read; null: they wait.</summary>
    public OcrOptions? Ocr { get; init; }

    /// <summary>Whether there is no <see cref="Ocr"/> because the configuration says so, and not because its programs are missing. Default false.</summary>
    public bool IsOcrOff { get; init; }

    internal const int MaxWorkers = 64;

    private const long LeastHeapBytes = 64L << 20;

    /// <summary>Everything that is wrong with these options, in words for an administrator; empty where nothing is.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        Check(Path.IsPathFullyQualified(WorkerExecutable), $"{nameof(WorkerExecutable)} must be an absolute path.");
        Check(ReadableFolders.All(Path.IsPathFullyQualified), $"{nameof(ReadableFolders)} must be absolute paths.");
        Check(WorkerCount is >= 1 and <= MaxWorkers, $"{nameof(WorkerCount)} must be 1 to {MaxWorkers}.");
        Check(StallLimit > TimeSpan.Zero && ExternalCallLimit > TimeSpan.Zero && StartLimit > TimeSpan.Zero, "Time limits must be longer than zero.");
        Check(DocumentLimit >= StallLimit && DocumentLimit >= ExternalCallLimit,
            $"{nameof(DocumentLimit)} must not be shorter than {nameof(StallLimit)} or {nameof(ExternalCallLimit)}: they would never be reached.");
        Check(HeapLimitBytes >= LeastHeapBytes, $"{nameof(HeapLimitBytes)} must be at least 64 MiB.");
        Check(MaxPages > 0 && MaxPixels > 0 && MaxTextChars > 0 && MaxPageTextChars > 0, "Limits must be greater than zero.");
        Check(RecycleAfterDocuments > 0 && RecycleAbovePrivateBytes > 0, "Recycling limits must be greater than zero.");
        Check(Ocr is null || Path.IsPathFullyQualified(Ocr.ScratchFolder), "The scratch folder of OCR must be an absolute path.");
        Check(Ocr is null || (Ocr.PageLimit > TimeSpan.Zero && Ocr.RenditionLimit > TimeSpan.Zero && Ocr.LongDocument >= TimeSpan.Zero), "Limits of OCR must be greater than zero.");
        return faults;

        void Check(bool holds, string fault)
        {
            if (!holds)
            {
                faults.Add(fault);
            }
        }
    }
}

/// <summary>How workers are kept from doing harm, as the last one started reported it.</summary>
/// <param name="IsConfined">The kernel refuses it every file but those it needs to read.</param>
/// <param name="Enforced">What is enforced, for example <c>landlock-7</c>, <c>seccomp</c>, <c>memory</c>.</param>
public sealed record WorkerConfinement(bool IsConfined, IReadOnlyList<string> Enforced);
