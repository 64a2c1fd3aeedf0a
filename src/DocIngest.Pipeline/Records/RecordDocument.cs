using System.Text.Json.Serialization;
using DocIngest.Archive;

namespace DocIngest.Pipeline.Records;

/// <summary>
/// What is known of a record in one version (<c>record.json</c>; schema in docs/formats/record.schema.json). The catalog is
/// rebuilt from this, <see cref="DocumentText"/> and the OCFL inventory alone.
/// </summary>
public sealed record RecordDocument
{
    /// <summary>The value of <see cref="Format"/> that this program writes.</summary>
    public const string CurrentFormat = "docingest-record/1";

    /// <summary>Class of a record that no rule has classified.</summary>
    public const string Unclassified = "unclassified";

    /// <summary>Class of a scan that was divided into documents.</summary>
    public const string BatchClass = "batch";

    /// <summary>Format and version of this document.</summary>
    [JsonPropertyOrder(-1)]
    public string Format { get; init; } = CurrentFormat;

    /// <summary>The record's id, equal to the OCFL object id.</summary>
    public required RecordId Id { get; init; }

    /// <summary>The claim that brought this version's bytes; equal to <see cref="Id"/> for the first version of a record that a scan made.</summary>
    public required RecordId ScanId { get; init; }

    /// <summary>The record class that retention rules go by.</summary>
    public string RecordClass { get; init; } = Unclassified;

    /// <summary>The title that rules put together or a person gave; null where neither does.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Title { get; init; }

    /// <summary>BCP 47 tag of the document's language; null where unknown.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Language { get; init; }

    /// <summary>Names one document (never a patient) within its profile; null where the profile gives none.</summary>
    public string? DocumentKey { get; init; }

    /// <summary>The intake profile.</summary>
    public required string Profile { get; init; }

    /// <summary>When the scan of this version was claimed, UTC.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The scanner's file name, fit for reading.</summary>
    public required string FileName { get; init; }

    /// <summary>The scanner's file name as bytes, Base64; present only where <see cref="FileName"/> does not carry it whole.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? FileNameBytes { get; init; }

    /// <summary>Subfolder of the drop folder, <c>/</c>-separated; empty at its top.</summary>
    public string Subfolder { get; init; } = "";

    /// <summary>Media type found by content.</summary>
    public required string MediaType { get; init; }

    /// <summary>Length of the original.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>SHA-512 of the original, hexadecimal.</summary>
    public required string Sha512 { get; init; }

    /// <summary>What makes a later scan a duplicate of this version: a digest over profile, document key, sidecar fields, bytes, and the sheet before a document of a divided scan.</summary>
    public string Identity { get; init; } = "";

    /// <summary>How far the text could be read.</summary>
    public required TextStatus TextStatus { get; init; }

    /// <summary>Where each page went.</summary>
    public required PageAccount Pages { get; init; }

    /// <summary>Fields from rules and sidecars, by name.</summary>
    public IReadOnlyDictionary<string, string> Fields { get; init; } = new SortedDictionary<string, string>();

    // Records of older programs lack the following: reading them sets null, whatever the initial value.

    /// <summary>Where each field came from, by its name.</summary>
    public IReadOnlyDictionary<string, FieldEvidence> Evidence { get; init => field = value ?? new SortedDictionary<string, FieldEvidence>(); } = new SortedDictionary<string, FieldEvidence>();

    /// <summary>Codes of supplied vocabularies that the document holds; the first of each code field is its value too.</summary>
    public IReadOnlyList<FoundCode> Codes { get; init => field = value ?? []; } = [];

    /// <summary>Bar codes, in the order of pages; only where the profile has them read.</summary>
    public IReadOnlyList<BarCode> BarCodes { get; init => field = value ?? []; } = [];

    /// <summary>Pages of the original that show nothing.</summary>
    public IReadOnlyList<int> BlankPages { get; init => field = value ?? []; } = [];

    /// <summary>Pages of the original that show something on which OCR found no word.</summary>
    public IReadOnlyList<int> WordlessPages { get; init => field = value ?? []; } = [];

    /// <summary>Languages of the profile without which OCR read it: tesseract had no packs of them, as which they are named.</summary>
    public IReadOnlyList<string> MissingLanguages { get; init => field = value ?? []; } = [];

    /// <summary>The pages of the original that the searchable rendition shows, in its order; null where it shows all, or there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int>? RenditionPages { get; init; }

    /// <summary>Words from rules to find it by.</summary>
    public IReadOnlyList<string> Tags { get; init => field = value ?? []; } = [];

    /// <summary>What must catch a reader's eye: from rules, for example <c>allergy</c>, and from intake, for example <c>late-bytes</c> or <c>key-exists</c>.</summary>
    public IReadOnlyList<string> Flags { get; init; } = [];

    /// <summary>Records that hold the same bytes under another profile, key or fields, or behind another sheet; and the one whose file grew into this.</summary>
    public IReadOnlyList<RecordId> Twins { get; init; } = [];

    /// <summary>Metadata embedded in the original.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new SortedDictionary<string, string>();

    /// <summary>Libraries and programs that read it.</summary>
    public IReadOnlyList<ToolVersion> Tools { get; init; } = [];

    /// <summary>Why the text status is not <c>complete</c>, and what is in doubt of the text, in plain words.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Note { get; init; }

    /// <summary>Rules that took too long and were left out, and why the identity check failed, in plain words.</summary>
    public IReadOnlyList<string> RuleNotes { get; init => field = value ?? []; } = [];

    /// <summary>How the scan was divided; null for most.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BatchAccount? Batch { get; init; }

    /// <summary>Where it was cut from; null for documents that came as files of their own.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PartOf? PartOf { get; init; }

    /// <summary>Its stacks, where fronts and backs were scanned one after the other; null for most.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DuplexAccount? Duplex { get; init; }

    /// <summary>Why it is withdrawn, of <see cref="WithdrawalReason"/>: kept for retention and audit, and not found any more; null where it is not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Withdrawn { get; init; }

    /// <summary>The record that took its place, under the patient or case that it belongs to; null for most.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RecordId? ReassignedTo { get; init; }

    /// <summary>The record whose place it took, which stood under a wrong patient or case; null for most.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RecordId? ReassignedFrom { get; init; }

    /// <summary>The records that a person divided it into, in the order of pages; null for most.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<SplitPart>? SplitInto { get; init; }

    /// <summary>The record whose pages a person made it of; null for most.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SplitOrigin? SplitFrom { get; init; }

    /// <summary>What people decided about it, oldest first, as far as it still holds.</summary>
    public IReadOnlyList<PersonalDecision> Decisions { get; init => field = value ?? []; } = [];

    /// <summary>The digest of its original, or the one that stands for both, where identities are made.</summary>
    internal Sha512Digest OriginalsDigest => Duplex?.Digest ?? new Sha512Digest(Sha512);

    /// <summary>The digest of the file that a claim brought, one of those that this version is made of.</summary>
    internal Sha512Digest DigestOf(RecordId scan) => new(Duplex?.Of(scan)?.Sha512 ?? Sha512);

    /// <summary>Pages of that file.</summary>
    internal int PagesOf(RecordId scan) => Duplex?.Of(scan)?.Pages ?? Pages.Total;

    /// <summary>What became of its pages, in words for receipts; null for most.</summary>
    internal string? AccountInWords() => Batch?.ToString() ?? Duplex?.ToString();

    /// <summary>Fields as they are searched: every code of a code field counts, not the first alone.</summary>
    internal IEnumerable<KeyValuePair<string, string>> SearchedFields() =>
        Fields.Concat(Codes.Select(code => KeyValuePair.Create(code.Field, code.Code))).Distinct();
}
