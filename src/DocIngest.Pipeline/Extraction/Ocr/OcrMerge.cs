using System.Diagnostics;
using DocIngest.Pipeline.Extraction.Layers;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction.Ocr;

/// <summary>Decides page by page between what a document has itself and what OCR read.</summary>
internal static class OcrMerge
{
    // Print that tesseract reads well has 85 and more; what it makes of an alphabet it does not know, or of a picture, some 40.
    private const double LeastConfidence = 60;

    // Of a layer's letters: that many OCR must have found, or it has seen another part of the page than the layer speaks of.
    private const double LeastShare = 0.25;

    /// <summary>The page that counts.</summary>
    /// <param name="page">As the document has it; maybe with text of its own although it waits for OCR.</param>
    /// <param name="ocr">What OCR did.</param>
    public static WorkerPage Choose(WorkerPage page, OcrOutcome ocr)
    {
        bool failed = ocr.Failures.ContainsKey(page.Number);
        WorkerPage? read = ocr.Pages.GetValueOrDefault(page.Number);
        if (!failed && read is null or { Fate: PageFate.PendingOcr })
        {
            return page;
        }

        if (read is null or { Fate: PageFate.Failed or PageFate.TooLarge })
        {
            return IsWorthKeeping(page) ? Keep(page) : page with { Fate = PageFate.Failed };
        }

        return page.Source == TextSource.Layer ? Merge(page, read) : read with { OcrReason = page.OcrReason };
    }

    /// <summary>Whether its own text stays although OCR could not read the page: a line of a stamp does not hide that, and signs without a meaning are no text.</summary>
    public static bool IsWorthKeeping(WorkerPage page) => page switch
    {
        { Source: not TextSource.Layer } => false,
        { OcrReason: OcrReason.JunkText } => true,
        { OcrReason: OcrReason.LittleText } => Letters(page.Text) > 2 * LayerWords.FewLetters,
        _ => false,
    };

    private static WorkerPage Merge(WorkerPage page, WorkerPage read) => page.OcrReason switch
    {
        OcrReason.JunkText or OcrReason.UnmappedText => IsBetter(read, page) ? Replace(page, read) : Letters(page.Text) > 0 ? Keep(page) : Replace(page, read),
        OcrReason.LittleText or OcrReason.NoText or null => MergeStamp(page, read),
        _ => throw new UnreachableException(),
    };

    private static WorkerPage MergeStamp(WorkerPage page, WorkerPage read)
    {
        var own = new LayerWords(page.Text);
        var seen = new LayerWords(read.Text);
        if (Letters(page.Text) > 0 && !seen.HasMoreThan(own))
        {
            return Keep(page);   // exact characters where OCR saw nothing else
        }

        string lacking = own.LinesLackingIn(seen);
        return lacking.Length == 0 ? Replace(page, read)
            : read with { Text = $"{read.Text}\n\n{lacking}", OcrReason = page.OcrReason, Layer = LayerUse.Added };
    }

    private static bool IsBetter(WorkerPage read, WorkerPage page) => read.Ocr is { } ocr && ocr.ConfidencePercent >= LeastConfidence
        && Letters(read.Text) >= LeastShare * Letters(page.Text)
        && (page.OcrReason == OcrReason.UnmappedText || TextLegibility.JunkLogit(read.Text) < TextLegibility.JunkLogit(page.Text));

    private static WorkerPage Keep(WorkerPage page) => page with { Fate = PageFate.Text, Layer = LayerUse.Kept };

    private static WorkerPage Replace(WorkerPage page, WorkerPage read) => read with { OcrReason = page.OcrReason, Layer = LayerUse.Replaced };

    private static int Letters(string text) => text.Count(char.IsLetterOrDigit);
}
