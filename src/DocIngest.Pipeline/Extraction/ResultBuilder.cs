using System.Diagnostics;
using DocIngest.Pipeline.Extraction.BarCodes;
using DocIngest.Pipeline.Extraction.Cleaning;
using DocIngest.Pipeline.Extraction.Ocr;
using DocIngest.Pipeline.Extraction.Renditions;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction;

/// <summary>Makes the result of a document out of what a worker sent: page account, status, and words for people.</summary>
internal static class ResultBuilder
{
    private const int MaxToolNameChars = 64;

    // Such an end is kept only where the other try had one as well, of the same kind or another.
    private const string TwoTries = "Two tries at reading it failed; in the better one";

    /// <summary>Builds the result of the try that counts.</summary>
    /// <param name="kept">What the document has itself.</param>
    /// <param name="ocr">What OCR made of the pages that have no usable text.</param>
    /// <param name="barCodes">What came of looking for bar codes; null where nobody asked.</param>
    /// <param name="format">The document's.</param>
    public static ExtractionResult Build(ReadingTry kept, OcrOutcome ocr, BarCodeOutcome? barCodes, FileFormat format)
    {
        List<WorkerPage> pages = [.. kept.Pages.Select(page => OcrMerge.Choose(page, ocr))];
        var account = Count(kept.TotalPages, pages);
        var doubts = LayerDoubts.Of(pages, ocr);
        var status = Judge(kept.End, account, ocr, doubts);
        var answer = (kept.End as ReadingEnd.Answered)?.Result;
        List<PageFacts> facts = [.. pages.Select(page => new PageFacts(page.Number, ContentOf(page.Fate), barCodes?.Codes.GetValueOrDefault(page.Number)))];
        var codes = barCodes is null ? null : Judge(kept.TotalPages, facts, barCodes);
        string? note = Explain(kept.End, status, account, ocr, doubts);
        return new ExtractionResult(
            status,
            account,
            new DocumentText([.. pages.Where(page => page.Fate != PageFate.Failed).Select(ToText)]),
            Bound(answer?.Metadata),
            Bound([.. answer?.Tools ?? Guess(kept.Greeting, format), .. ocr.Tools, .. barCodes?.Tools ?? []]),
            codes?.WhyNot is { } why ? $"{note} {why}".TrimStart() : note)
        {
            PageFacts = facts,
            BarCodes = codes,
            MissingLanguages = ocr.MissingLanguages,
        };
    }

    /// <summary>Builds the result of a document whose pages are known already.</summary>
    /// <returns>Null where it has other pages than those that are known: then it is to be read.</returns>
    public static ExtractionResult? Build(ReadingTry kept, KnownPages known, FileFormat format)
    {
        if (kept.End is not ReadingEnd.Answered { Result: { Fate: ReadingFate.Read } answer } || kept.TotalPages != known.Facts.Count)
        {
            return null;
        }

        var account = new PageAccount(
            known.Facts.Count, Of(PageContent.Text), Of(PageContent.PendingOcr), Of(PageContent.Blank), Of(PageContent.Failed), Of(PageContent.Wordless));
        var status = account switch
        {
            { PendingOcr: > 0 } => TextStatus.PendingOcr,
            { Failed: > 0 } => TextStatus.Partial,
            { WithText: > 0 } => TextStatus.Complete,
            _ => TextStatus.None,
        };
        return new ExtractionResult(
            status,
            account,
            known.Text,
            Bound(answer.Metadata),
            Bound([.. answer.Tools, .. known.Tools.Where(tool => !answer.Tools.Contains(tool))]),
            $"{Explain(status, account)}{Lacking(known.MissingLanguages)}".Trim() is { Length: > 0 } note ? note : null)
        {
            PageFacts = known.Facts,
            BarCodes = known.BarCodes,
            MissingLanguages = known.MissingLanguages,
        };

        int Of(PageContent content) => known.Facts.Count(page => page.Content == content);
    }

    private static PageContent ContentOf(PageFate fate) => fate switch
    {
        PageFate.Text => PageContent.Text,
        PageFate.PendingOcr => PageContent.PendingOcr,
        PageFate.Blank => PageContent.Blank,
        PageFate.Failed => PageContent.Failed,
        PageFate.Wordless => PageContent.Wordless,
        PageFate.OcrDied or PageFate.TooLarge => PageContent.Failed,   // OcrRun and OcrMerge let none through
        _ => throw new UnreachableException(),
    };

    private static BarCodeReading Judge(int total, List<PageFacts> facts, BarCodeOutcome barCodes)
    {
        int unread = total - facts.Count(page => page.BarCodes is not null);
        string? why = total == 0 ? "Bar codes were not read: no page could be looked at."
            : unread == 0 ? null
            : $"Bar codes of {unread} of {total} pages were not read{barCodes.Wait switch
            {
                BarCodeWait.Off => ": OCR and its programs are switched off (extraction.ocr).",
                BarCodeWait.NoProgram => ": zbarimg is not installed, or does not work.",
                BarCodeWait.LongDocument => ": reading them would have taken too long.",
                BarCodeWait.None => ".",
                _ => throw new UnreachableException(),
            }}";
        return new BarCodeReading([.. facts.SelectMany(page => page.BarCodes ?? [])], why is null, why);
    }

    /// <summary>Adds what came of the rendition.</summary>
    public static ExtractionResult With(ExtractionResult result, RenditionOutcome rendition) => rendition switch
    {
        RenditionOutcome.NotNeeded => result,
        RenditionOutcome.Made made => result with { Rendition = made.File, RenditionPages = made.Shown, Tools = Bound([.. result.Tools, .. made.Tools]) },
        RenditionOutcome.NotMade missing => result with { Note = $"{result.Note} There is no searchable rendition: {missing.Reason}.".TrimStart() },
        _ => throw new UnreachableException(),
    };

    private static PageText ToText(WorkerPage page) => new(page.Number, page.Text, page.Source, page.Ocr?.ConfidencePercent, Layout: page.Ocr?.Layout, OcrReason: page.OcrReason, Layer: page.Layer);

    private static PageAccount Count(int total, IReadOnlyList<WorkerPage> pages)
    {
        int text = Of(PageFate.Text);
        int pending = Of(PageFate.PendingOcr);
        int blank = Of(PageFate.Blank);
        int wordless = Of(PageFate.Wordless);
        return new PageAccount(total, text, pending, blank, total - text - pending - blank - wordless, wordless);

        int Of(PageFate fate) => pages.Count(page => page.Fate == fate);
    }

    private static TextStatus Judge(ReadingEnd end, PageAccount account, OcrOutcome ocr, LayerDoubts doubts) => end switch
    {
        ReadingEnd.TimedOut => TextStatus.Timeout,
        ReadingEnd.Crashed => TextStatus.Crashed,
        ReadingEnd.Excess => TextStatus.TooLarge,
        ReadingEnd.Answered { Result.Fate: ReadingFate.OutOfMemory } => TextStatus.Crashed,
        ReadingEnd.Answered { Result.Fate: ReadingFate.Encrypted } => TextStatus.Encrypted,
        ReadingEnd.Answered { Result.Fate: ReadingFate.Damaged } => TextStatus.Damaged,
        ReadingEnd.Answered { Result.Fate: not ReadingFate.Read } => TextStatus.TooLarge,
        ReadingEnd.Answered => JudgePages(account, ocr, doubts),
        _ => throw new UnreachableException(),
    };

    /// <summary>Waiting for OCR outranks failed pages: it is what still can be done about the document.</summary>
    private static TextStatus JudgePages(PageAccount account, OcrOutcome ocr, LayerDoubts doubts) => account switch
    {
        { PendingOcr: > 0 } => TextStatus.PendingOcr,
        { Failed: > 0, WithText: 0, Blank: 0, Wordless: 0 } when ocr.Failures.Values.Contains(OcrFailure.TimedOut) => TextStatus.Timeout,
        { Failed: > 0, WithText: 0, Blank: 0, Wordless: 0 } when ocr.Failures.Count > 0 => TextStatus.Crashed,
        { Failed: > 0, WithText: 0, Blank: 0, Wordless: 0 } when ocr.TooLargePages > 0 => TextStatus.TooLarge,
        { Failed: > 0, WithText: 0, Blank: 0, Wordless: 0 } or { Total: 0 } => TextStatus.Damaged,
        { Failed: > 0 } => TextStatus.Partial,
        _ when ocr.DamagedPages > 0 || doubts.Unread > 0 => TextStatus.Partial,
        { WithText: > 0 } => TextStatus.Complete,
        _ => TextStatus.None,
    };

    private static string? Explain(ReadingEnd end, TextStatus status, PageAccount account, OcrOutcome ocr, LayerDoubts doubts) => end switch
    {
        ReadingEnd.TimedOut timedOut => $"{TwoTries} it was stopped by a time limit: {timedOut.Grant}.{Kept(account)}",
        ReadingEnd.Crashed crashed => $"{TwoTries} the reader died: {crashed.Cause}.{Kept(account)}",
        ReadingEnd.Excess excess => Explain(excess.Fate, account),
        ReadingEnd.Answered { Result.Fate: not ReadingFate.Read and var fate } => Explain(fate, account),
        _ => $"{Explain(status, account)}{Explain(ocr)}{doubts}".Trim() is { Length: > 0 } note ? note : null,
    };

    private static string Explain(ReadingFate fate, PageAccount account) => fate switch
    {
        ReadingFate.Encrypted => "A password is needed to read it.",
        ReadingFate.Damaged => "It could not be opened: its structure is damaged.",
        ReadingFate.TooManyPages => $"It has more pages than the limit allows.{Kept(account)}",
        ReadingFate.TooManyPixels => $"A page has more pixels than the limit allows.{Kept(account)}",
        ReadingFate.TooMuchText => $"It has more text than the limit allows.{Kept(account)}",
        ReadingFate.TooManyBytes => "The file is longer than the reader can address.",
        ReadingFate.OutOfMemory => $"{TwoTries} the reader needed more memory than the limit allows.{Kept(account)}",
        _ => throw new UnreachableException(),
    };

    /// <summary>Why not every page has text, in plain words.</summary>
    internal static string Explain(TextStatus status, PageAccount account) => status switch
    {
        TextStatus.Complete => "",
        TextStatus.None => account.Wordless == 0 ? "Every page is blank." : "OCR found no words.",
        TextStatus.Timeout or TextStatus.Crashed or TextStatus.TooLarge => "No page could be read.",
        TextStatus.Damaged => account.Total == 0 ? "It has no pages." : "No page could be read.",
        TextStatus.Partial when account.Failed == 0 => "Not all of it could be seen.",
        TextStatus.Partial => $"{account.Failed} of {account.Total} pages could not be read.",
        TextStatus.PendingOcr => $"{account.PendingOcr} of {account.Total} pages wait for OCR."
            + (account.Failed > 0 ? $" {account.Failed} could not be read." : ""),
        _ => throw new UnreachableException(),
    };

    private static string Explain(OcrOutcome ocr)
    {
        string wait = ocr.Wait switch
        {
            OcrWait.Off => " OCR is switched off (extraction.ocr).",
            OcrWait.NoProgram => " Tesseract is not installed, or does not work.",
            OcrWait.NoLanguage => " Tesseract has none of the profile's languages.",
            OcrWait.LongDocument => " Reading them now would take too long.",
            OcrWait.None => "",
            _ => throw new UnreachableException(),
        };
        string damaged = ocr.DamagedPages > 0 ? $" The images of {ocr.DamagedPages} pages are damaged: words may be missing." : "";
        string large = ocr.TooLargePages > 0 ? $" To show {ocr.TooLargePages} of them takes more memory than reading may." : "";
        int late = ocr.Failures.Values.Count(failure => failure == OcrFailure.TimedOut);
        int dead = ocr.Failures.Count - late;
        return wait + damaged + large + Lacking(ocr.MissingLanguages) + (late > 0 ? $" OCR of {late} took longer than a page may." : "") + (dead > 0 ? $" OCR of {dead} failed twice." : "");
    }

    /// <summary>Without which languages OCR read, in plain words behind a blank; nothing where it had all.</summary>
    internal static string Lacking(IReadOnlyList<string> languages) =>
        languages.Count == 0 ? "" : $" OCR read without {string.Join(", ", languages)}: tesseract has no such language pack here.";

    private static string Kept(PageAccount account) =>
        account.Total == 0 ? "" : $" {account.Total - account.Failed} of {account.Total} pages were read before.";

    /// <summary>An honest worker sends it within bounds already; a captured one does not.</summary>
    private static IReadOnlyDictionary<string, string> Bound(IReadOnlyDictionary<string, string>? sent)
    {
        var entries = new MetadataEntries();
        foreach (var (key, value) in sent ?? new Dictionary<string, string>())
        {
            entries.Add(key, value);
        }

        return entries.Entries;
    }

    private static ToolVersion[] Bound(IEnumerable<ToolVersion> sent) =>
        [.. sent.Where(tool => Fits(tool.Name) && Fits(tool.Version)).Take(16)];

    private static bool Fits(string text) => text.Length is > 0 and <= MaxToolNameChars && PlainText.IsClean(text);

    private static IEnumerable<ToolVersion> Guess(WorkerHello? greeting, FileFormat format) =>
        (greeting?.Tools ?? []).Skip(format == FileFormat.Pdf ? 0 : 1).Take(1);
}
