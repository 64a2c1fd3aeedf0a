using DocIngest.Pipeline.Extraction.Cleaning;

namespace DocIngest.Pipeline.Extraction.Ocr;

/// <summary>What an honest worker keeps to when it says where words stand; a captured one may not.</summary>
internal static class OcrBounds
{
    /// <summary>Words of one page; a page of a telephone book has some 6,000.</summary>
    public const int MaxWords = 20_000;

    /// <summary>Words of one document whose places are kept: some 2,000 dense pages, 150 MB of <c>text.json</c>.</summary>
    public const int MaxDocumentWords = 1_000_000;

    // 5 kilometres: whatever is larger is no page.
    private const double MaxPoints = 14_400_000;

    /// <summary>Whether it holds: finite numbers, four to a box, and no more letters than the text has.</summary>
    public static bool Hold(WorkerOcr ocr, string text) =>
        IsPercent(ocr.ConfidencePercent) && IsSize(ocr.Layout.Width) && IsSize(ocr.Layout.Height)
        && Math.Abs(ocr.Layout.AngleDegrees) <= 180 && ocr.Layout.Words.Count <= MaxWords
        && ocr.Layout.Words.Sum(word => (long)word.Text.Length) <= text.Length
        && ocr.Layout.Words.All(word => IsPercent(word.ConfidencePercent) && PlainText.IsClean(word.Text) && !word.Text.Contains('\n', StringComparison.Ordinal)
            && word.Box.Count == 4 && word.Box.All(length => Math.Abs(length) <= MaxPoints));

    private static bool IsPercent(double value) => value is >= 0 and <= 100;

    private static bool IsSize(double points) => points is > 0 and <= MaxPoints;
}
