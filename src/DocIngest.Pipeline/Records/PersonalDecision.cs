using System.Text.Json.Serialization;

namespace DocIngest.Pipeline.Records;

/// <summary>What a person decided about a record; part of the version that the decision made.</summary>
/// <param name="Kind">What it was.</param>
/// <param name="By">The account's name.</param>
/// <param name="Account">The account as a URI.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Settles">Reasons for review that need no other look: text statuses and flags.</param>
public sealed record PersonalDecision(DecisionKind Kind, string By, string Account, DateTimeOffset At, IReadOnlyList<string> Settles)
{
    /// <summary>Why, in the person's words.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }

    /// <summary>Fields the person gave; they win over sidecar and rules.</summary>
    public IReadOnlyDictionary<string, string> Fields { get; init => field = value ?? new SortedDictionary<string, string>(); } = new SortedDictionary<string, string>();

    /// <summary>Whether it says anything of the document that another scan of it would not say.</summary>
    [JsonIgnore]
    public bool IsCorrection => Kind is DecisionKind.Assigned or DecisionKind.Amended or DecisionKind.Reassigned;

    /// <summary>Fields the person took away; they do not come back when it is read again, unless a person gives them.</summary>
    public IReadOnlyList<string> Removes { get; init => field = value ?? []; } = [];

    /// <summary>Whether the person took the document key away.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool RemovesDocumentKey { get; init; }

    /// <summary>Why the person withdrew it, of <see cref="WithdrawalReason"/>; null for other decisions.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Withdrawal { get; init; }

    /// <summary>Why the person moved it to another patient or case, of <see cref="ReassignmentReason"/>; null for other decisions.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reassignment { get; init; }

    /// <summary>The title the person gave; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Title { get; init; }

    /// <summary>The record class the person gave; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RecordClass { get; init; }

    /// <summary>The document key the person gave; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DocumentKey { get; init; }
}

/// <summary>What kind of decision it was.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DecisionKind>))]
public enum DecisionKind
{
    /// <summary>The person has looked, and the record may stand as it is.</summary>
    [JsonStringEnumMemberName("confirmed")]
    Confirmed,

    /// <summary>The person said whose, or what, the document is.</summary>
    [JsonStringEnumMemberName("assigned")]
    Assigned,

    /// <summary>The person corrected what is known of it.</summary>
    [JsonStringEnumMemberName("amended")]
    Amended,

    /// <summary>The person took it out of use: it should not be there, or not as it is.</summary>
    [JsonStringEnumMemberName("withdrawn")]
    Withdrawn,

    /// <summary>The person brought it back into use.</summary>
    [JsonStringEnumMemberName("reinstated")]
    Reinstated,

    /// <summary>The person moved it to the patient or case that it belongs to, as another record.</summary>
    [JsonStringEnumMemberName("reassigned")]
    Reassigned,

    /// <summary>The person divided it into several records.</summary>
    [JsonStringEnumMemberName("split")]
    Split,
}

/// <summary>The written forms of <see cref="DecisionKind"/>.</summary>
public static class DecisionKinds
{
    /// <summary>The promised word.</summary>
    public static string ToWord(this DecisionKind kind) => kind.ToString().ToLowerInvariant();
}
