using System.Text.Json;
using System.Text.Json.Serialization;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Revisions;

/// <summary>
/// What takes a record's place, as the ledger has it while it is made: enough to make it once more, by another process. It may hold what a person said of a
/// patient; the row goes with the end of the revision.
/// </summary>
/// <param name="Kind"><see cref="DecisionKind.Reassigned"/> or <see cref="DecisionKind.Split"/>.</param>
/// <param name="By">Who decided it.</param>
/// <param name="Account">The same as a URI.</param>
/// <param name="At">When.</param>
/// <param name="Successors">The records to be made.</param>
internal sealed record SuccessionPlan(DecisionKind Kind, string By, string Account, DateTimeOffset At, IReadOnlyList<PlannedSuccessor> Successors)
{
    /// <summary>Of <see cref="ReassignmentReason"/>; null for a split.</summary>
    public string? Cause { get; init; }

    /// <summary>More about it, in the person's words; null for none.</summary>
    public string? Note { get; init; }

    /// <summary>What the person said of the one record that takes the place; null for a split.</summary>
    public PlannedAssignment? Assignment { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, SuccessionJson.Default.SuccessionPlan);

    /// <exception cref="JsonException">No plan of ours.</exception>
    public static SuccessionPlan Parse(string json) =>
        JsonSerializer.Deserialize(json, SuccessionJson.Default.SuccessionPlan) ?? throw new JsonException("A plan is null.");
}

/// <summary>A record to be made.</summary>
/// <param name="Id">Drawn for it.</param>
/// <param name="Pages">Which pages it gets, as <c>3-5,7</c>; null for all.</param>
internal sealed record PlannedSuccessor(RecordId Id, string? Pages)
{
    /// <summary>What the person said of this part of a split; null where nothing.</summary>
    public PlannedAssignment? Said { get; init; }
}

/// <summary>An <see cref="Assignment"/> as the ledger has it.</summary>
internal sealed record PlannedAssignment(
    SortedDictionary<string, string> Fields, IReadOnlyList<string> Removes, string? RecordClass, string? DocumentKey, bool RemovesDocumentKey, string? Title)
{
    public static PlannedAssignment Of(Assignment said) => new(
        new SortedDictionary<string, string>(said.Fields.ToDictionary(), StringComparer.Ordinal), said.Removes, said.RecordClass, said.DocumentKey, said.RemovesDocumentKey, said.Title);

    public Assignment ToAssignment(string? reason) => new(Fields, RecordClass, DocumentKey, reason)
    {
        Removes = Removes, RemovesDocumentKey = RemovesDocumentKey, Title = Title,
    };
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(RecordIdConverter)])]
[JsonSerializable(typeof(SuccessionPlan))]
internal sealed partial class SuccessionJson : JsonSerializerContext;
