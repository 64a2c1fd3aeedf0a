using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Classification;

/// <summary>What is known of a scan before it is classified.</summary>
public sealed record DocumentFacts
{
    /// <summary>The intake profile.</summary>
    public required string Profile { get; init; }

    /// <summary>The scanner's file name, fit for reading.</summary>
    public required string FileName { get; init; }

    /// <summary>Subfolder of the drop folder; empty at its top.</summary>
    public string Subfolder { get; init; } = "";

    /// <summary>The pages' text.</summary>
    public DocumentText Text { get; init; } = DocumentText.Empty;

    /// <summary>Bar codes, in the order of pages.</summary>
    public IReadOnlyList<BarCode> BarCodes { get; init; } = [];

    /// <summary>Metadata embedded in the document.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>When the scan was claimed: no date of the document is later than the day after, on which it may be already elsewhere.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Languages the document may be in, as BCP 47 tags; the profile's.</summary>
    public IReadOnlyList<string> Languages { get; init; } = [];

    /// <summary>Whether day or month comes first; the profile's.</summary>
    public DateOrder DateOrder { get; init; } = DateOrder.ByLanguage;

    /// <summary>What the sidecar says; it wins over rules. Null where there is none.</summary>
    public Sidecar? Sidecar { get; init; }

    /// <summary>What a person said of it; it wins over everything else, and over the identity check where it names the patient. Null where nobody did.</summary>
    public PersonsWord? Person { get; init; }

    /// <summary>The key from the file name, by the profile's pattern; rules win over it.</summary>
    public string? KeyFromName { get; init; }
}

/// <summary>What a person said of a document.</summary>
/// <param name="Fields">Fields by name.</param>
/// <param name="RecordClass">Null for none.</param>
/// <param name="DocumentKey">Null for none.</param>
public sealed record PersonsWord(IReadOnlyDictionary<string, string> Fields, string? RecordClass, string? DocumentKey)
{
    /// <summary>Fields that the document has not, whatever else says so.</summary>
    public IReadOnlySet<string> Removed { get; init; } = new HashSet<string>();
}

/// <summary>In which order the numbers of a date such as <c>03/04/2024</c> stand.</summary>
public enum DateOrder
{
    /// <summary>As other dates of the same document show; else the month first in English, the day first in any other language.</summary>
    ByLanguage,

    /// <summary>The day comes first.</summary>
    DayFirst,

    /// <summary>The month comes first.</summary>
    MonthFirst,
}
