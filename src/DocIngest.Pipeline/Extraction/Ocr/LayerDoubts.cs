using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction.Ocr;

/// <summary>Pages whose own text stands although it was thought not to be enough.</summary>
/// <param name="Unread">OCR failed on them.</param>
/// <param name="Junk">Their text reads like junk, and OCR read nothing better.</param>
internal readonly record struct LayerDoubts(int Unread, int Junk)
{
    /// <summary>Counts them.</summary>
    public static LayerDoubts Of(IEnumerable<WorkerPage> chosen, OcrOutcome ocr)
    {
        int unread = 0;
        int junk = 0;
        foreach (var page in chosen.Where(page => page.Layer == LayerUse.Kept))
        {
            bool failed = ocr.Failures.ContainsKey(page.Number) || ocr.Pages.GetValueOrDefault(page.Number) is { Fate: PageFate.Failed or PageFate.TooLarge };
            unread += failed ? 1 : 0;
            junk += !failed && page.OcrReason is (OcrReason.JunkText or OcrReason.UnmappedText) ? 1 : 0;
        }

        return new LayerDoubts(unread, junk);
    }

    /// <summary>In words for people, each sentence behind a blank.</summary>
    public override string ToString() =>
        (Unread > 0 ? $" Of {Unread} pages that OCR could not read there is only the text they have themselves." : "")
        + (Junk > 0 ? $" The own text of {Junk} pages seems unreadable, and OCR read nothing better." : "");
}
