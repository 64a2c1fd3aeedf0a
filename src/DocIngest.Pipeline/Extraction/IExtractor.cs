using DocIngest.Pipeline.Extraction.Renditions;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction;

/// <summary>Reads documents. However hostile a document is, it costs at most its time limits and its own result.</summary>
public interface IExtractor
{
    /// <summary>Reads one document.</summary>
    /// <returns>What could be read; never throws for what is in the document.</returns>
    /// <exception cref="ExtractionUnavailableException">
    /// No reader can be started (program missing, out of processes), or none can open the file. The document is not judged; a
    /// retry may help.
    /// </exception>
    /// <exception cref="OperationCanceledException">The caller cancelled. A reader at work is stopped.</exception>
    Task<ExtractionResult> ExtractAsync(ExtractionRequest request, CancellationToken cancellation);

    /// <summary>Whether pages without text of their own can be read by OCR here, as far as that can be told beforehand.</summary>
    /// <param name="languages">As <see cref="ExtractionRequest.Languages"/>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    Task<bool> HasOcrAsync(IReadOnlyList<string> languages, CancellationToken cancellation) => Task.FromResult(true);

    /// <summary>Languages without which pages are read by OCR here, since their packs are not installed; none where it reads none at all.</summary>
    /// <param name="languages">As <see cref="ExtractionRequest.Languages"/>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    Task<IReadOnlyList<string>> MissingLanguagesAsync(IReadOnlyList<string> languages, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<string>>([]);
}

/// <summary>What to read.</summary>
/// <param name="Id">For logs and messages.</param>
/// <param name="FilePath">Absolute path of the private copy, readable by the service account.</param>
/// <param name="Format">What recognition found.</param>
public sealed record ExtractionRequest(RecordId Id, string FilePath, FileFormat Format)
{
    /// <summary>Languages of pages without text, as <c>en</c> or as tesseract's packs <c>eng</c>, in order of weight. Empty: the extractor's default.</summary>
    public IReadOnlyList<string> Languages { get; init; } = [];

    /// <summary>Whether pages are read by OCR however long that takes. Otherwise those of a long document wait.</summary>
    public bool MayTakeLong { get; init; }

    /// <summary>Whether one worker is left to other documents while its pages are read by OCR, if there is more than one.</summary>
    public bool LeavesRoom { get; init; }

    /// <summary>Whether the bar codes of every page are read.</summary>
    public bool ReadsBarCodes { get; init; }

    /// <summary>Whether blank pages are left out of the searchable rendition.</summary>
    public bool DropsBlankPages { get; init; }

    /// <summary>What is known of its pages already, since it was cut from a scan that was read; null for most. Then no page is read by OCR or for bar codes.</summary>
    public KnownPages? Known { get; init; }

    /// <summary>Which document it is of those that were given, from 1: the pages of earlier ones are read by OCR before those of later ones.</summary>
    internal long Order { get; init; }

    /// <summary>Where a searchable rendition goes, should OCR read words. Null: none is made.</summary>
    public RenditionPlace? Rendition { get; init; }
}

/// <summary>What is known of a document's pages before it is read.</summary>
/// <param name="Text">The pages' text, numbered as in the document.</param>
/// <param name="Facts">What each page is, ascending, all of them.</param>
/// <param name="BarCodes">Its bar codes; null where they were not asked for.</param>
/// <param name="Tools">Those that took part.</param>
public sealed record KnownPages(DocumentText Text, IReadOnlyList<PageFacts> Facts, BarCodeReading? BarCodes, IReadOnlyList<ToolVersion> Tools)
{
    /// <summary>See <see cref="ExtractionResult.MissingLanguages"/>.</summary>
    public IReadOnlyList<string> MissingLanguages { get; init; } = [];

    /// <summary>Takes over what was read of some pages of a document, under the numbers they have in another.</summary>
    /// <param name="read">What was read.</param>
    /// <param name="numbers">The new number of each page that is taken over, by its old one.</param>
    /// <returns>Null where something of the document is in doubt: nobody can say of which page.</returns>
    public static KnownPages? Of(ExtractionResult read, IReadOnlyDictionary<int, int> numbers)
    {
        if (read.TextStatus is not (TextStatus.Complete or TextStatus.None or TextStatus.PendingOcr) || read.BarCodes is { IsComplete: false })
        {
            return null;
        }

        return Make(
            read.Text.Pages.Where(page => numbers.ContainsKey(page.Number)).Select(page => page with { Number = numbers[page.Number] }),
            read.PageFacts.Where(page => numbers.ContainsKey(page.Number)).Select(page => new PageFacts(
                numbers[page.Number], page.Content, page.BarCodes?.Select(code => code with { Page = numbers[page.Number] }).ToList())),
            read.Tools) with
        {
            MissingLanguages = read.MissingLanguages,
        };
    }

    /// <summary>Puts what is known of two parts of a document together.</summary>
    public static KnownPages Both(KnownPages one, KnownPages other) =>
        Make(one.Text.Pages.Concat(other.Text.Pages), one.Facts.Concat(other.Facts), [.. one.Tools.Union(other.Tools)]) with
        {
            MissingLanguages = [.. one.MissingLanguages.Union(other.MissingLanguages)],
        };

    /// <summary>Puts pages in order.</summary>
    public static KnownPages Make(IEnumerable<PageText> text, IEnumerable<PageFacts> facts, IReadOnlyList<ToolVersion> tools)
    {
        List<PageFacts> ordered = [.. facts.OrderBy(page => page.Number)];
        return new KnownPages(
            new DocumentText([.. text.OrderBy(page => page.Number)]),
            ordered,
            new BarCodeReading([.. ordered.SelectMany(page => page.BarCodes ?? [])], IsComplete: true, null),
            tools);
    }
}

/// <summary>What was read.</summary>
/// <param name="TextStatus">How far the text could be read.</param>
/// <param name="Pages">Where each page went.</param>
/// <param name="Text">The pages' text; pages read before a crash or time limit are kept.</param>
/// <param name="Metadata">
/// Embedded metadata, keys as <c>pdf:title</c>, <c>xmp:…</c>, <c>exif:…</c>, <c>iptc:…</c>, <c>image:width</c>; values as written,
/// at most 4,096 characters each.
/// </param>
/// <param name="Tools">Libraries and programs that took part.</param>
/// <param name="Note">
/// For people: why the status is not <c>complete</c>, in plain words without any content of the document. Null where there is
/// nothing to say.
/// </param>
public sealed record ExtractionResult(
    TextStatus TextStatus,
    PageAccount Pages,
    DocumentText Text,
    IReadOnlyDictionary<string, string> Metadata,
    IReadOnlyList<ToolVersion> Tools,
    string? Note)
{
    /// <summary>The searchable rendition; only where OCR made text, and not always then: the note says why there is none.</summary>
    public RenditionFile? Rendition { get; init; }

    /// <summary>
    /// The pages of the original that the rendition shows, in its order; null where it shows all of them, or there is none.
    /// </summary>
    public IReadOnlyList<int>? RenditionPages { get; init; }

    /// <summary>
    /// What each page was found to be, by ascending number. Pages that were never reached are absent: nothing is known of them.
    /// </summary>
    public IReadOnlyList<PageFacts> PageFacts { get; init; } = [];

    /// <summary>Numbers of the pages that show nothing, ascending.</summary>
    public IEnumerable<int> BlankPages => PageFacts.Where(page => page.Content == PageContent.Blank).Select(page => page.Number);

    /// <summary>Numbers of the pages that show something on which OCR found no word, ascending.</summary>
    public IEnumerable<int> WordlessPages => PageFacts.Where(page => page.Content == PageContent.Wordless).Select(page => page.Number);

    /// <summary>Languages that were asked for, and without which OCR read its pages: tesseract has no packs of them, as which they are named.</summary>
    public IReadOnlyList<string> MissingLanguages { get; init; } = [];

    /// <summary>Whether bar codes were read; null where they were not asked for. The note says why some were not.</summary>
    public BarCodeReading? BarCodes { get; init; }
}

/// <summary>No extraction worker can be started, or it cannot open the copy. A retry may help.</summary>
/// <param name="message">In words of ours, for people and logs: nothing of a document, no names.</param>
/// <param name="inner">What the system said.</param>
public sealed class ExtractionUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
