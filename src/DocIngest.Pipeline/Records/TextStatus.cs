using System.Text.Json.Serialization;

namespace DocIngest.Pipeline.Records;

/// <summary>How far the text of a document could be read. A promise of the product: scripts compare these words.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TextStatus>))]
public enum TextStatus
{
    /// <summary>Every page that shows something has text.</summary>
    [JsonStringEnumMemberName("complete")]
    Complete,

    /// <summary>Some pages could be read, others failed.</summary>
    [JsonStringEnumMemberName("partial")]
    Partial,

    /// <summary>Read whole, and there is nothing to read: every page is blank.</summary>
    [JsonStringEnumMemberName("none")]
    None,

    /// <summary>At least one page shows an image without a text layer and waits for OCR.</summary>
    [JsonStringEnumMemberName("pending-ocr")]
    PendingOcr,

    /// <summary>A password is needed.</summary>
    [JsonStringEnumMemberName("encrypted")]
    Encrypted,

    /// <summary>Recognised, but no reader could open it.</summary>
    [JsonStringEnumMemberName("damaged")]
    Damaged,

    /// <summary>Reading took longer than one of the time limits, and so ended the better of its two tries.</summary>
    [JsonStringEnumMemberName("timeout")]
    Timeout,

    /// <summary>The reader died on it, and so ended the better of its two tries.</summary>
    [JsonStringEnumMemberName("crashed")]
    Crashed,

    /// <summary>More pages, pixels or text than the limits allow.</summary>
    [JsonStringEnumMemberName("too-large")]
    TooLarge,
}

/// <summary>The written forms of <see cref="TextStatus"/>.</summary>
public static class TextStatusWords
{
    private static readonly string[] Words =
        ["complete", "partial", "none", "pending-ocr", "encrypted", "damaged", "timeout", "crashed", "too-large"];

    /// <summary>The promised word.</summary>
    public static string ToWord(this TextStatus status) => Words[(int)status];

    /// <summary>All promised words.</summary>
    public static IReadOnlyList<string> All => Words;

    /// <summary>Reads a word; false where it is none of the promised.</summary>
    public static bool TryParse(string word, out TextStatus status)
    {
        int at = Array.IndexOf(Words, word);
        status = (TextStatus)Math.Max(at, 0);
        return at >= 0;
    }

    /// <summary>Reads a promised word.</summary>
    /// <exception cref="FormatException">Not one of the words.</exception>
    public static TextStatus Parse(string word) => TryParse(word, out var status) ? status : throw new FormatException("Unknown text status.");
}
