using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction.Ocr;

/// <summary>Decides page by page between what a document has itself and what OCR read.</summary>
internal static class OcrMerge
{
    /// <summary>The page that counts.</summary>
    /// <param name="page">As the document has it; maybe with a few characters of its own although it waits for OCR.</param>
    /// <param name="ocr">What OCR did.</param>
    public static WorkerPage Choose(WorkerPage page, OcrOutcome ocr)
    {
        if (ocr.Failures.ContainsKey(page.Number))
        {
            return page with { Fate = PageFate.Failed };
        }

        if (!ocr.Pages.TryGetValue(page.Number, out var read) || read.Fate == PageFate.PendingOcr)
        {
            return page;
        }

        if (read.Fate == PageFate.Failed)
        {
            return page with { Fate = PageFate.Failed };
        }

        // A stamp's text of its own is better than no word at all.
        bool ownIsMore = page.Source == TextSource.Layer && Letters(page.Text) > Letters(read.Text);
        return ownIsMore ? page with { Fate = PageFate.Text } : read;
    }

    private static int Letters(string text) => text.Count(char.IsLetterOrDigit);
}
