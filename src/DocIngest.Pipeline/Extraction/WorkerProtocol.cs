using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction;

/// <summary>One line to a worker: read this.</summary>
internal sealed record WorkerRequest(
    string Path, FileFormat Format, int MaxPages, long MaxPixels, int MaxTextChars, int MaxPageTextChars)
{
    /// <summary>A request within the limits of the options, for what a document has itself.</summary>
    public static WorkerRequest Of(ExtractionOptions options, string path, FileFormat format) =>
        new(path, format, options.MaxPages, options.MaxPixels, options.MaxTextChars, options.MaxPageTextChars);

    /// <summary>Set: read these pages by OCR. Not set: read text and metadata that the document has itself.</summary>
    public OcrTask? Ocr { get; init; }

    /// <summary>Set: read the bar codes of these pages.</summary>
    public BarCodeTask? BarCodes { get; init; }

    /// <summary>Set: make the searchable rendition.</summary>
    public RenditionTask? Rendition { get; init; }

    /// <summary>Set: make a small picture of the first page.</summary>
    public ThumbnailTask? Thumbnail { get; init; }

    /// <summary>Set: cut pages out into a PDF of their own.</summary>
    public CutTask? Cut { get; init; }

    /// <summary>Set: put the pages of this stack and of another one together.</summary>
    public CollationTask? Collation { get; init; }

    /// <summary>The pages that are to be answered one by one; null where the document itself is read, or a file is made.</summary>
    [JsonIgnore]
    public IReadOnlyList<int>? Asked => Ocr?.Pages ?? BarCodes?.Pages;
}

/// <summary>Pages to be read by OCR.</summary>
/// <param name="Pages">Their numbers, ascending.</param>
/// <param name="Tesseract">The program.</param>
/// <param name="Languages">Tesseract's packs, as <c>eng+deu</c>.</param>
/// <param name="PdfToPpm">The program; null where there is none.</param>
internal sealed record OcrTask(IReadOnlyList<int> Pages, string Tesseract, string Languages, string? PdfToPpm = null)
{
    /// <summary>Whether what the first look reads stands, however bad it is.</summary>
    public bool LooksOnce { get; init; }
}

/// <summary>Pages whose bar codes are to be read.</summary>
/// <param name="Pages">Their numbers, ascending.</param>
/// <param name="ZbarImg">The program.</param>
/// <param name="PdfToPpm">The program; null where there is none.</param>
internal sealed record BarCodeTask(IReadOnlyList<int> Pages, string ZbarImg, string? PdfToPpm = null);

/// <summary>Pages to be cut out in the worker's scratch folder.</summary>
/// <param name="Pages">Their numbers, ascending.</param>
/// <param name="Qpdf">The program.</param>
/// <param name="OutputName">Of the file.</param>
/// <param name="MaxBytes">A larger one is of no use.</param>
internal sealed record CutTask(IReadOnlyList<int> Pages, string Qpdf, string OutputName, long MaxBytes);

/// <summary>A stack of backs whose pages are to be put behind their fronts, in a PDF in the worker's scratch folder.</summary>
/// <param name="BacksPath">The backs.</param>
/// <param name="BacksFormat">What they were recognised as.</param>
/// <param name="Sheets">Pages of either stack.</param>
/// <param name="BackOrder">In which order backs come.</param>
/// <param name="Qpdf">The program.</param>
/// <param name="OutputName">Of the file.</param>
/// <param name="MaxBytes">A larger one is of no use.</param>
internal sealed record CollationTask(string BacksPath, FileFormat BacksFormat, int Sheets, BackOrder BackOrder, string Qpdf, string OutputName, long MaxBytes);

/// <summary>A searchable rendition to be made in the worker's scratch folder.</summary>
/// <param name="TextPath">The document's text with the places of its words, as <c>text.json</c>.</param>
/// <param name="Qpdf">The program; null where there is none.</param>
/// <param name="OutputName">Of the file.</param>
/// <param name="MaxBytes">A larger one is of no use.</param>
internal sealed record RenditionTask(string TextPath, string? Qpdf, string OutputName, long MaxBytes)
{
    /// <summary>The pages that are shown, ascending; null: all.</summary>
    public IReadOnlyList<int>? Shown { get; init; }
}

/// <summary>A picture of the first page to be made in the worker's scratch folder.</summary>
/// <param name="PdfToPpm">The program; null where there is none.</param>
/// <param name="OutputName">Of the file.</param>
/// <param name="LongerSide">Pixels.</param>
internal sealed record ThumbnailTask(string? PdfToPpm, string OutputName, int LongerSide);

/// <summary>
/// One line from a worker; exactly one member is set. <see cref="Hello"/> comes once, first. For each request come
/// <see cref="Begun"/>, <see cref="Opened"/>, pages as they are ready, and last <see cref="Result"/>. Described in docs/adr/0003.
/// </summary>
internal sealed record WorkerMessage
{
    public WorkerHello? Hello { get; init; }

    /// <summary>
    /// True: the file is open, and nothing in it has been looked at. What comes behind may be the document's own doing; so no
    /// document can make a fresh worker say <see cref="ReadingFate.Unopened"/>.
    /// </summary>
    public bool? Begun { get; init; }

    public WorkerOpened? Opened { get; init; }

    public WorkerPage? Page { get; init; }

    public WorkerExternal? External { get; init; }

    /// <summary>OCR turns to the page of this number (again): what happens now is this page's doing.</summary>
    public int? Turn { get; init; }

    /// <summary>The same, of a page that OCR has read already and looks at once more.</summary>
    public int? Again { get; init; }

    public WorkerResult? Result { get; init; }

    [JsonIgnore]
    public bool HasOneMember =>
        new object?[] { Hello, Begun, Opened, Page, External, Turn, Again, Result }.Count(member => member is not null) == 1;

    /// <summary>Null among the elements of a list: the serializer looks after members only.</summary>
    [JsonIgnore]
    public bool HasHoles =>
        new IEnumerable<object?>?[] { Hello?.Enforced, Hello?.Tools, Result?.Tools, Page?.Ocr?.Layout.Words, Page?.BarCodes }.Any(list => list?.Contains(null) == true);
}

/// <param name="Protocol"><see cref="WorkerProtocol.Version"/>.</param>
/// <param name="Confinement">"landlock", "job" or "none".</param>
/// <param name="Enforced">See <see cref="WorkerConfinement.Enforced"/>.</param>
/// <param name="Tools">Libraries that workers read with; the first reads PDF, the second images.</param>
internal sealed record WorkerHello(int Protocol, string Confinement, IReadOnlyList<string> Enforced, IReadOnlyList<ToolVersion> Tools);

/// <param name="Pages">Pages the document says it has.</param>
internal sealed record WorkerOpened(int Pages);

/// <summary>A page was read, or could not be. Also the sign of life that renews the stall limit.</summary>
internal sealed record WorkerPage(int Number, PageFate Fate, string Text, TextSource Source)
{
    /// <summary>Set where OCR made the text.</summary>
    public WorkerOcr? Ocr { get; init; }

    /// <summary>Set where bar codes were asked for and read; empty where there is none.</summary>
    public IReadOnlyList<WorkerBarCode>? BarCodes { get; init; }

    /// <summary>Set on a page that waits for OCR: why what it has itself is not enough.</summary>
    public OcrReason? OcrReason { get; init; }

    /// <summary>Never sent: the parent decides.</summary>
    [JsonIgnore]
    public LayerUse? Layer { get; init; }
}

/// <summary>A bar code; see <see cref="BarCode"/>.</summary>
internal sealed record WorkerBarCode(string Symbology, string Value, int Quality, IReadOnlyList<double>? Box = null);

/// <summary>What OCR says of a page beside its text.</summary>
/// <param name="ConfidencePercent">Mean over the words, weighted by their length.</param>
/// <param name="Layout">Where the words stand.</param>
/// <param name="IsDamaged">A part of the page could not be seen: there may be more words.</param>
internal sealed record WorkerOcr(double ConfidencePercent, PageLayout Layout, bool IsDamaged = false);

/// <summary>A worker begins to wait for another program, or has it behind it.</summary>
internal sealed record WorkerExternal(bool Begins);

/// <param name="Fate">How reading ended. Words for people are made by the parent: nothing a document can influence gets into a note.</param>
/// <param name="Metadata">Bounded as in <see cref="Cleaning.MetadataEntries"/>.</param>
/// <param name="Tools">Those that took part.</param>
/// <param name="PrivateBytes">The worker's private memory now.</param>
internal sealed record WorkerResult(
    ReadingFate Fate, IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<ToolVersion> Tools, long PrivateBytes)
{
    /// <summary>Pages of the file that was cut or put together; null for all else.</summary>
    public int? CutPages { get; init; }
}

/// <summary>Where one page went.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PageFate>))]
internal enum PageFate
{
    /// <summary>It has text.</summary>
    Text,

    /// <summary>It shows something that is not text, or hardly any.</summary>
    PendingOcr,

    /// <summary>It shows nothing.</summary>
    Blank,

    /// <summary>It could not be read.</summary>
    Failed,

    /// <summary>It shows something, and OCR found no word on it.</summary>
    Wordless,

    /// <summary>The program that reads by OCR died on it: said of pages that OCR was asked for, and nowhere else.</summary>
    OcrDied,

    /// <summary>To show it takes more pixels or memory than reading may: said of pages that OCR was asked for, and nowhere else.</summary>
    TooLarge,
}

/// <summary>How a worker ended a document.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReadingFate>))]
internal enum ReadingFate
{
    /// <summary>To its last page.</summary>
    Read,

    /// <summary>A password is needed.</summary>
    Encrypted,

    /// <summary>Its structure could not be read.</summary>
    Damaged,

    /// <summary>The system did not open the file: nothing is known of the document.</summary>
    Unopened,

    /// <summary>More pages than allowed; those within the limit were read.</summary>
    TooManyPages,

    /// <summary>A page has more pixels than allowed.</summary>
    TooManyPixels,

    /// <summary>More text than allowed; what came before was read.</summary>
    TooMuchText,

    /// <summary>The file is longer than a reader can address.</summary>
    TooManyBytes,

    /// <summary>The memory limit was reached. The worker ends behind this line.</summary>
    OutOfMemory,

    /// <summary>It is signed: a part of it would not be what was signed.</summary>
    Signed,

    /// <summary>The surroundings did not let it be written: no room, or a program that does not start.</summary>
    Unwritten,
}

/// <summary>How lines are written: source generated, camel case, unescaped letters (the parent counts bytes).</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(WorkerRequest))]
[JsonSerializable(typeof(WorkerMessage))]
[JsonSerializable(typeof(ProbeFindings))]
internal sealed partial class WorkerProtocol : JsonSerializerContext
{
    /// <summary>Raised with every change that an older parent or worker would misread.</summary>
    public const int Version = 8;

    /// <summary>
    /// Bytes of one line from a worker. The longest honest one is a page of <see cref="ExtractionOptions.MaxPageTextChars"/>:
    /// at most 6 bytes a character.
    /// </summary>
    public static int MaxLineBytes(int maxPageTextChars) => Math.Max(4 << 20, (int)Math.Min(1L << 30, (6L * maxPageTextChars) + 4096));

    /// <summary>The context to use.</summary>
    public static WorkerProtocol Instance { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,   // a pipe between our own processes
    });
}

/// <summary>What a worker could do after confining itself (<c>extract-worker --probe</c>): true is what an attacker would have.</summary>
internal sealed record ProbeFindings(
    string Confinement,
    IReadOnlyList<string> Enforced,
    bool CanReadGiven,
    bool CanReadForbidden,
    bool CanListForbidden,
    bool CanTruncateForbidden,
    bool CanWriteGiven,
    bool CanWriteTemporary,
    bool CanOpenSocket,
    bool CanStartProgram,
    bool CanSignalParent,
    bool CanLeaveGroup,
    bool CanDumpCore);
