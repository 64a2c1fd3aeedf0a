using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Extraction.Renditions;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Revisions;

/// <summary>What was read of some pages of a record, as if they had been read alone. No page is read twice.</summary>
internal static class PagesOfPart
{
    /// <summary>Takes it over, under the numbers that the pages have in the part.</summary>
    /// <param name="whole">The record.</param>
    /// <param name="pages">Which of its pages, ascending.</param>
    /// <param name="readsBarCodes">Whether its profile has bar codes read.</param>
    /// <param name="rendition">The searchable rendition of these pages; null where there is none.</param>
    public static ExtractionResult Of(CatalogEntry whole, IReadOnlyList<int> pages, bool readsBarCodes, RenditionFile? rendition)
    {
        var record = whole.Record;
        var numbers = pages.Select((page, at) => (page, Number: at + 1)).ToDictionary(pair => pair.page, pair => pair.Number);
        List<PageText> text = [.. whole.Text.Pages.Where(page => numbers.ContainsKey(page.Number)).Select(page => page with { Number = numbers[page.Number] })];
        var read = text.ToDictionary(page => page.Number);
        List<PageFacts> facts = [.. pages.Select(page => new PageFacts(numbers[page], ContentOf(record, page, read.GetValueOrDefault(numbers[page]))))];
        List<BarCode> codes = [.. record.BarCodes.Where(code => numbers.ContainsKey(code.Page)).Select(code => code with { Page = numbers[code.Page] })];
        var account = new PageAccount(
            pages.Count, Count(PageContent.Text), Count(PageContent.PendingOcr), Count(PageContent.Blank), Count(PageContent.Failed), Count(PageContent.Wordless));
        var status = StatusOf(record, account);
        var missing = text.Exists(page => page.Source == TextSource.Ocr) ? record.MissingLanguages : [];
        return new ExtractionResult(
            status, account, new DocumentText(text), new Dictionary<string, string>(), record.Tools,
            $"{ResultBuilder.Explain(status, account)}{ResultBuilder.Lacking(missing)}".Trim() is { Length: > 0 } note ? note : null)
        {
            PageFacts = facts,
            MissingLanguages = missing,
            BarCodes = readsBarCodes ? new BarCodeReading(codes, !record.Flags.Contains(RecordFlag.BarCodesUnread), null) : null,
            Rendition = rendition,
            RenditionPages = rendition is null ? null : RenditionPagesOf(record, numbers),
        };

        int Count(PageContent content) => facts.Count(page => page.Content == content);
    }

    /// <summary>Where pages stand in a record's rendition, ascending; none where it does not show them.</summary>
    public static IReadOnlyList<int> InRendition(RecordDocument record, IReadOnlyList<int> pages) => record.RenditionPages is { } shown
        ? [.. shown.Select((page, at) => (page, Place: at + 1)).Where(pair => pages.Contains(pair.page)).Select(pair => pair.Place)]
        : pages;

    private static IReadOnlyList<int>? RenditionPagesOf(RecordDocument record, Dictionary<int, int> numbers) =>
        record.RenditionPages?.Where(numbers.ContainsKey).Select(page => numbers[page]).ToList() is { } shown && shown.Count < numbers.Count ? shown : null;

    // Records of older programs count pages without words, and do not say which they are. Where it is in doubt the page waits for OCR: then it is read.
    private static PageContent ContentOf(RecordDocument record, int page, PageText? read) =>
        read is { Text.Length: > 0 } ? PageContent.Text
        : record.BlankPages.Contains(page) ? PageContent.Blank
        : record.WordlessPages.Contains(page) ? PageContent.Wordless
        : read is null && record.Pages.Failed > 0 ? PageContent.Failed
        : record.Pages.PendingOcr > 0 ? PageContent.PendingOcr
        : record.Pages.Wordless > 0 ? PageContent.Wordless
        : PageContent.Failed;

    private static TextStatus StatusOf(RecordDocument whole, PageAccount account) => account switch
    {
        { PendingOcr: > 0 } => TextStatus.PendingOcr,
        { Failed: > 0, WithText: 0, Blank: 0, Wordless: 0 } => TextStatus.Damaged,
        { Failed: > 0 } => TextStatus.Partial,
        _ when whole is { TextStatus: not (TextStatus.Complete or TextStatus.None or TextStatus.PendingOcr), Pages.Failed: 0 } => TextStatus.Partial,   // of which page nobody knows
        { WithText: > 0 } => TextStatus.Complete,
        _ => TextStatus.None,
    };
}
