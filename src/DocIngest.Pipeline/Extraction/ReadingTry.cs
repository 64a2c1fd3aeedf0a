namespace DocIngest.Pipeline.Extraction;

/// <summary>What one try at a document left.</summary>
/// <param name="End">How it ended.</param>
/// <param name="TotalPages">Pages announced; 0 where it did not come to that.</param>
/// <param name="Pages">Pages that came.</param>
/// <param name="Greeting">Of the worker that read; null where it was lost before.</param>
internal sealed record ReadingTry(ReadingEnd End, int TotalPages, IReadOnlyList<WorkerPage> Pages, WorkerHello? Greeting)
{
    /// <summary>The page that OCR had in hand last; 0 for none.</summary>
    public int LastTurn { get; init; }

    /// <summary>Whether OCR had read that page already, and looked once more.</summary>
    public bool IsSecondLook { get; init; }

    /// <summary>How long the worker had it.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>The try that brought more; of equals, the second: it had a fresh worker.</summary>
    public static ReadingTry Better(ReadingTry first, ReadingTry second) =>
        !second.End.DeservesRetry || second.PagesRead >= first.PagesRead ? second : first;

    private int PagesRead => Pages.Count(page => page.Fate != PageFate.Failed);
}
