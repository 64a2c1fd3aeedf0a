using System.Text.Json.Serialization;

namespace DocIngest.Pipeline.Records;

/// <summary>The text of a document, page by page (<c>text.json</c>; schema in docs/formats/text.schema.json).</summary>
/// <param name="Pages">All pages read, in order, numbered from 1. A page that could not be read is absent.</param>
public sealed record DocumentText(IReadOnlyList<PageText> Pages)
{
    /// <summary>A document nothing could be read of.</summary>
    public static DocumentText Empty { get; } = new([]);

    /// <summary>What it takes in memory, in characters; a word of OCR with its box takes as much as some sixty.</summary>
    internal long MemoryCharacters => Pages.Sum(static page => page.Text.Length + (WordCharacters * (page.Layout?.Words.Count ?? 0)));

    private const long WordCharacters = 64;

    /// <summary>The pages as one text, each but the last followed by a form feed.</summary>
    public string ToPlainText() => string.Join('\f', Pages.Select(page => page.Text));
}

/// <summary>One page's text and where it came from.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Text">Plain text, lines separated by LF; never a form feed or another control character but LF and TAB.</param>
/// <param name="Source">Where the text came from.</param>
/// <param name="ConfidencePercent">Mean OCR confidence, 0 to 100; null unless OCR made the text.</param>
/// <param name="Language">BCP 47 language tag where known.</param>
/// <param name="Layout">Where the words stand; null unless OCR made the text.</param>
/// <param name="OcrReason">Why the page's own text was not enough, so that OCR was asked; null where it was, and for images.</param>
/// <param name="Layer">What became of the page's own text; null where OCR was not asked or the page had none.</param>
public sealed record PageText(
    int Number,
    string Text,
    TextSource Source,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? ConfidencePercent = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Language = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PageLayout? Layout = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] OcrReason? OcrReason = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] LayerUse? Layer = null);

/// <summary>Where a page's text came from.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TextSource>))]
public enum TextSource
{
    /// <summary>No text: blank, or waiting for OCR.</summary>
    [JsonStringEnumMemberName("none")]
    None,

    /// <summary>The document's own text layer.</summary>
    [JsonStringEnumMemberName("layer")]
    Layer,

    /// <summary>Optical character recognition.</summary>
    [JsonStringEnumMemberName("ocr")]
    Ocr,
}

/// <summary>Why a page of a PDF is read by OCR.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OcrReason>))]
public enum OcrReason
{
    /// <summary>It shows something, and has no text of its own.</summary>
    [JsonStringEnumMemberName("no-text")]
    NoText,

    /// <summary>It has so little text for what it shows that this must be a stamp, a page number or a fax header.</summary>
    [JsonStringEnumMemberName("little-text")]
    LittleText,

    /// <summary>Its fonts have no way back to characters.</summary>
    [JsonStringEnumMemberName("unmapped-text")]
    UnmappedText,

    /// <summary>Its text reads like nothing that anybody writes.</summary>
    [JsonStringEnumMemberName("junk-text")]
    JunkText,
}

/// <summary>What became of a page's own text when OCR had read the page.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LayerUse>))]
public enum LayerUse
{
    /// <summary>The text is that of OCR alone.</summary>
    [JsonStringEnumMemberName("replaced")]
    Replaced,

    /// <summary>The text is that of OCR, and behind it the lines of the page's own that OCR lacked.</summary>
    [JsonStringEnumMemberName("added")]
    Added,

    /// <summary>The text is the page's own: OCR read nothing better, or could not read the page.</summary>
    [JsonStringEnumMemberName("kept")]
    Kept,
}

/// <summary>Where each page of a scan went: total = with text + pending OCR + blank + wordless + failed.</summary>
/// <param name="Total">Pages the document says it has; 0 where even that could not be read.</param>
/// <param name="WithText">Pages with text.</param>
/// <param name="PendingOcr">Pages that show something but have no text yet.</param>
/// <param name="Blank">Pages that show nothing.</param>
/// <param name="Failed">Pages that could not be read.</param>
/// <param name="Wordless">Pages that show something, on which OCR found no word: photographs, drawings.</param>
public sealed record PageAccount(int Total, int WithText, int PendingOcr, int Blank, int Failed, int Wordless = 0)
{
    /// <summary>Nothing is known of the pages.</summary>
    public static PageAccount Unknown { get; } = new(0, 0, 0, 0, 0);
}

/// <summary>A program or library that took part in reading a document.</summary>
public sealed record ToolVersion(string Name, string Version);
