using DocIngest.Archive;
using DocIngest.Pipeline.Records;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Ledger;

/// <summary>How a claim ended. The written forms are a promise: receipts and <c>ingest</c> print them.</summary>
public enum ScanOutcome
{
    /// <summary>A new record.</summary>
    Filed,

    /// <summary>A new version of an existing record.</summary>
    Versioned,

    /// <summary>The same bytes, profile, key and fields are archived already; only custody was noted.</summary>
    Duplicate,

    /// <summary>No document. The bytes wait in quarantine with a reason file.</summary>
    Quarantined,

    /// <summary>The surroundings failed for good. The source is where it was.</summary>
    Failed,

    /// <summary>The claim was given back: the file changed or went away meanwhile. Counts as never dropped.</summary>
    Released,
}

/// <summary>What became of the scanner's own file.</summary>
public enum SourceState
{
    /// <summary>Not yet removed.</summary>
    Present,

    /// <summary>Left on purpose, as <c>keepSource</c> says.</summary>
    Kept,

    /// <summary>Could not be removed; tried again now and then.</summary>
    Stuck,

    /// <summary>Removed by us.</summary>
    Removed,

    /// <summary>Somebody else removed or replaced it.</summary>
    Gone,
}

/// <summary>The words the ledger, receipts and the command line use.</summary>
public static class LedgerWords
{
    /// <summary>Whether a claim that ended so has the scan's bytes safe, so that its source may be removed.</summary>
    public static bool IsTakenIn(this ScanOutcome outcome) =>
        outcome is ScanOutcome.Filed or ScanOutcome.Versioned or ScanOutcome.Duplicate or ScanOutcome.Quarantined;

    /// <summary>The written form, lower case.</summary>
    public static string ToWord(this ScanOutcome outcome) => outcome switch
    {
        ScanOutcome.Filed => "filed",
        ScanOutcome.Versioned => "versioned",
        ScanOutcome.Duplicate => "duplicate",
        ScanOutcome.Quarantined => "quarantined",
        ScanOutcome.Failed => "failed",
        ScanOutcome.Released => "released",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };

    /// <summary>The written form, lower case.</summary>
    public static string ToWord(this SourceState state) => state switch
    {
        SourceState.Present => "present",
        SourceState.Kept => "kept",
        SourceState.Stuck => "stuck",
        SourceState.Removed => "removed",
        SourceState.Gone => "gone",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    /// <summary>Reads a written form.</summary>
    public static ScanOutcome ParseOutcome(string word) => Enum.GetValues<ScanOutcome>().Single(outcome => outcome.ToWord() == word);

    /// <summary>Reads a written form.</summary>
    public static SourceState ParseSourceState(string word) => Enum.GetValues<SourceState>().Single(state => state.ToWord() == word);
}

/// <summary>A file about to be claimed.</summary>
/// <param name="Id">Drawn for this claim; the record's id if it makes one.</param>
/// <param name="Profile">Name of the intake profile.</param>
/// <param name="SourcePath">Absolute path, as <see cref="RawName"/> carries it.</param>
/// <param name="Subfolder">Below the drop folder, fit for reading; empty at its top.</param>
/// <param name="Stamp">The file as it settled.</param>
/// <param name="ClaimedAt">UTC.</param>
/// <param name="DocumentKey">From the file name or sidecar; null where there is none.</param>
/// <param name="SidecarJson">The sidecar as read at claim.</param>
/// <param name="RemovesSource">False where the source is not ours to remove.</param>
public sealed record Claim(
    RecordId Id,
    string Profile,
    string SourcePath,
    string Subfolder,
    FileStamp Stamp,
    DateTimeOffset ClaimedAt,
    string? DocumentKey,
    string? SidecarJson,
    bool RemovesSource)
{
    /// <summary>Of a part: the place of the whole scan in claim order; null for a file.</summary>
    public long? WholeSequence { get; init; }

    /// <summary>When it came, beside others: a part came when its whole did.</summary>
    public long Order => WholeSequence ?? Sequence;

    /// <summary>The pages it was cut from; null for a file. Then <see cref="SourcePath"/> is that of the file, with the claim's id as one more element.</summary>
    public PartOf? Part { get; init; }

    /// <summary>Absolute path of the file that the scanner put there.</summary>
    public string FilePath => Part is null ? SourcePath : SourcePath[..SourcePath.LastIndexOf('/')];

    /// <summary>Last element of <see cref="FilePath"/>.</summary>
    public string RawFileName => FilePath[(FilePath.LastIndexOf('/') + 1)..];

    /// <summary>The file name fit for reading.</summary>
    public string FileName => RawName.ToDisplay(RawFileName);

    /// <summary>The earlier scan of the same file, filed before the file grew; null for most.</summary>
    public RecordId? LateOf { get; init; }

    /// <summary>Place in claim order; 0 until the ledger has given one.</summary>
    public long Sequence { get; init; }
}

/// <summary>An open or closed ledger row.</summary>
public sealed record ScanRow(
    Claim Claim,
    string Owner,
    bool IsCopied,
    Sha512Digest? Digest,
    int AttemptCount,
    ScanOutcome? Outcome,
    SourceState SourceState,
    DateTimeOffset? KeepUntil,
    RecordId? RecordId,
    int? Version,
    string? Reason);

/// <summary>How a claim is closed.</summary>
/// <param name="ScanId">The claim.</param>
/// <param name="Outcome">Its end.</param>
/// <param name="RecordId">The record it made, changed or doubled.</param>
/// <param name="Version">That record's version.</param>
/// <param name="PageCount">Pages of the original, where known.</param>
/// <param name="TextStatus">How far its text was read.</param>
/// <param name="Reason">For people, without content or names from the document.</param>
/// <param name="Inventory">Digest of the version's inventory, where this made a version.</param>
public sealed record Closing(
    RecordId ScanId,
    ScanOutcome Outcome,
    RecordId? RecordId = null,
    int? Version = null,
    int? PageCount = null,
    TextStatus? TextStatus = null,
    string? Reason = null,
    Sha512Digest? Inventory = null);

/// <summary>The newest version of a record, as duplicates and keys are looked up.</summary>
public sealed record Head(RecordId RecordId, int Version, string Profile, string? DocumentKey, Sha512Digest Digest, string Identity)
{
    /// <summary>The identity of a withdrawn record: no scan doubles it.</summary>
    public const string OutOfUse = "";

    /// <summary>Whether scans may become its versions or duplicates.</summary>
    public bool IsInUse => Identity != OutOfUse;
}

/// <summary>One line of a daily receipt file.</summary>
public sealed record Receipt(
    long Sequence,
    string ReceiptId,
    DateTimeOffset IssuedAt,
    string Profile,
    string Subfolder,
    string FileName,
    long SizeBytes,
    string? Sha512,
    int? Pages,
    string Outcome,
    string? RecordId,
    int? Version,
    string? TextStatus,
    string? Reason);

/// <summary>One file that came for a record: custody, also where it changed nothing.</summary>
/// <param name="Outcome"><c>filed</c>, <c>versioned</c> or <c>duplicate</c>.</param>
/// <param name="Version">The version it became, or doubled.</param>
/// <param name="Digest">Of the file.</param>
/// <param name="AcceptedBy">Who had it archived out of quarantine; null for most.</param>
public sealed record Arrival(
    RecordId ScanId, DateTimeOffset ClaimedAt, string FileName, string Profile, string Outcome, int Version, Sha512Digest Digest, string? AcceptedBy);
