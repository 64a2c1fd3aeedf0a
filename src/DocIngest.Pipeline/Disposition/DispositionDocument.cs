using System.Text.Json.Serialization;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Retention;
using DocIngest.Pipeline.SystemObjects;

namespace DocIngest.Pipeline.Disposition;

/// <summary>One proposal to destroy records, and what became of it (<c>register.json</c>; docs/formats/disposition.md).</summary>
/// <param name="Number">From 1, never used again.</param>
/// <param name="Records">How many records it is about.</param>
/// <param name="ProposalSha512">Of <c>proposal.json</c>, which approvers sign.</param>
/// <param name="ProposedBy">Who, of the register of people.</param>
/// <param name="ProposedAt">When, UTC.</param>
/// <param name="Account">Their account, as a URI.</param>
/// <param name="CoolOffDays">Days between the second approval and the execution.</param>
public sealed record Proposed(
    [property: JsonRequired] int Number, [property: JsonRequired] int Records, [property: JsonRequired] string ProposalSha512,
    [property: JsonRequired] string ProposedBy, DateTimeOffset ProposedAt, string Account, int CoolOffDays)
{
    /// <summary>How many people must approve.</summary>
    public const int ApprovalsNeeded = 2;

    /// <summary>Who approved, in order.</summary>
    public IReadOnlyList<Approval> Approvals { get; init => field = value ?? []; } = [];

    /// <summary>That it was rejected or taken back; null where it was not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Rejection? Rejected { get; init; }

    /// <summary>When destroying began, UTC; null before.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? BegunAt { get; init; }

    /// <summary>When it was decided of the last record, UTC; null before.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Records that were destroyed.</summary>
    public int Destroyed { get; init; }

    /// <summary>Certificates that were signed: the first when it ended, the last when no backup holds any of it.</summary>
    public int Certificates { get; init; }

    /// <summary>Whether the last certificate says that no backup holds any of it.</summary>
    public bool IsGoneEverywhere { get; init; }

    /// <summary>Repositories that nothing can ask any more, and of which people said that they are gone.</summary>
    public IReadOnlyList<DeclaredGone> DeclaredGone { get; init => field = value ?? []; } = [];

    /// <summary>What it is called in files, commands and the audit.</summary>
    [JsonIgnore]
    public string Id => $"d-{Number}";

    /// <summary>When it may be executed; null while approvals are wanting.</summary>
    [JsonIgnore]
    public DateTimeOffset? ExecutableFrom => Approvals.Count >= ApprovalsNeeded ? Approvals[ApprovalsNeeded - 1].At.AddDays(CoolOffDays) : null;

    /// <summary>Where it stands: <c>proposed</c>, <c>approved</c>, <c>rejected</c>, <c>executing</c> or <c>destroyed</c>.</summary>
    [JsonIgnore]
    public string State => Rejected is not null ? "rejected"
        : EndedAt is not null ? "destroyed"
        : BegunAt is not null ? "executing"
        : Approvals.Count >= ApprovalsNeeded ? "approved"
        : "proposed";
}

/// <summary>That somebody approved: their signature lies beside the proposal.</summary>
/// <param name="Person">Who, of the register of people.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Account">Their account, as a URI.</param>
public sealed record Approval(string Person, DateTimeOffset At, string Account);

/// <summary>That a proposal was rejected or taken back.</summary>
/// <param name="Person">Who.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Account">Their account, as a URI.</param>
/// <param name="Reason">Why.</param>
public sealed record Rejection(string Person, DateTimeOffset At, string Account, string Reason);

/// <summary>That destructions known from the ledger alone were carried out again, on an archive from before them.</summary>
/// <param name="Disposition">Which, as <c>d-3</c>.</param>
/// <param name="At">When, UTC.</param>
public sealed record Replayed(string Disposition, DateTimeOffset At);

/// <summary>Every proposal there ever was.</summary>
/// <param name="Dispositions">By number.</param>
internal sealed record DispositionDocument([property: JsonRequired] IReadOnlyList<Proposed> Dispositions)
{
    public const string CurrentFormat = "docingest-dispositions/1";
    public const string FileName = "register.json";
    public const int MostBytes = 64 << 20;

    [JsonPropertyOrder(-1)]
    public string Format { get; init; } = CurrentFormat;

    /// <summary>Destructions known from the ledger alone.</summary>
    public IReadOnlyList<Replayed> Replayed { get; init => field = value ?? []; } = [];   // reading sets null where it is missing, whatever the initial value

    public static DispositionDocument None { get; } = new([]);

    public Proposed? Find(int number) => Dispositions.FirstOrDefault(one => one.Number == number);

    public DispositionDocument With(Proposed changed) => this with { Dispositions = [.. Dispositions.Select(one => one.Number == changed.Number ? changed : one)] };
}

/// <summary>A class as it was when records of it were proposed.</summary>
public sealed record ProposedClass(string Id, string Title, string Mandate, string Action, string? Expression)
{
    /// <summary>A class as it is now.</summary>
    public static ProposedClass Of(RetentionClass schedule) =>
        new(schedule.Id, schedule.Title, schedule.Mandate, System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(schedule.Action.ToString()), schedule.ExpressionText);
}

/// <summary>What two people sign: which records, by the digest of their list, and why they may go (<c>proposal.json</c>).</summary>
/// <param name="Disposition">Which: <c>d-1</c>.</param>
/// <param name="ProposedBy">Who proposes, of the register of people.</param>
/// <param name="ProposedAt">When, UTC.</param>
/// <param name="Reason">Why, as they said.</param>
/// <param name="CoolOffDays">Days between the second approval and the execution.</param>
/// <param name="Records">How many records.</param>
/// <param name="RecordsSha512">Of their list, <c>records.jsonl</c>.</param>
/// <param name="Classes">Their classes, with what asks for keeping them.</param>
public sealed record Proposal(
    [property: JsonRequired] string Disposition, [property: JsonRequired] string ProposedBy, DateTimeOffset ProposedAt, string Reason, int CoolOffDays,
    [property: JsonRequired] int Records, [property: JsonRequired] string RecordsSha512, IReadOnlyList<ProposedClass> Classes)
{
    /// <summary>Format and version of this document.</summary>
    [JsonPropertyOrder(-2)]
    public string Format { get; init; } = "docingest-disposition/1";

    /// <summary>What signing it means.</summary>
    [JsonPropertyOrder(-1)]
    public string Statement { get; init; } =
        "The records of this list have been kept for as long as their retention schedule asks, nothing speaks for keeping them longer, and they are to be destroyed for good.";
}

/// <summary>A record that is to be destroyed (a line of <c>records.jsonl</c>): what it is, why it may go, and exactly which bytes are meant.</summary>
/// <param name="Id">The record.</param>
/// <param name="RecordClass">Its class.</param>
/// <param name="DueDate">The last day it had to be kept.</param>
/// <param name="Triggers">The dates that say so.</param>
/// <param name="ReceivedAt">When it came.</param>
/// <param name="Versions">Its versions.</param>
/// <param name="Files">Its files.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="InventorySha512">Digest of its inventory, which covers every version, name and byte.</param>
public sealed record ProposedRecord(
    [property: JsonRequired] RecordId Id, [property: JsonRequired] string RecordClass, DateOnly DueDate, IReadOnlyList<ProposedTrigger> Triggers, DateTimeOffset ReceivedAt,
    int Versions, long Files, long Bytes, [property: JsonRequired] string InventorySha512);

/// <summary>A date that a due date follows from.</summary>
public sealed record ProposedTrigger(string Name, DateOnly? Date, string? Evidence);

/// <summary>What became of a record of a disposition (a line of <c>outcome.jsonl</c>).</summary>
/// <param name="Id">The record.</param>
/// <param name="Destroyed">Whether it is gone.</param>
/// <param name="At">When that was decided, UTC.</param>
/// <param name="Versions">How many versions were approved to go: a newer one is not what was approved.</param>
/// <param name="Kept">Why it was kept; null where it is gone.</param>
public sealed record RecordOutcome([property: JsonRequired] RecordId Id, [property: JsonRequired] bool Destroyed, DateTimeOffset At, [property: JsonRequired] int Versions, string? Kept);

/// <summary>How the register and its files are written.</summary>
[JsonSerializable(typeof(DispositionDocument))]
[JsonSerializable(typeof(Proposal))]
[JsonSerializable(typeof(ProposedRecord))]
[JsonSerializable(typeof(RecordOutcome))]
[JsonSerializable(typeof(LedgerStart))]
[JsonSerializable(typeof(LedgerIntent))]
[JsonSerializable(typeof(LedgerEnd))]
[JsonSerializable(typeof(Rejection))]
[JsonSerializable(typeof(DestructionCertificate))]
internal sealed partial class DispositionJson : JsonSerializerContext
{
    public static DispositionJson Instance { get; } = new(CreateOptions());

    private static System.Text.Json.JsonSerializerOptions CreateOptions()
    {
        var options = SystemDocumentJson.CreateOptions();
        options.Converters.Add(new RecordIdConverter());
        return options;
    }
}
