using System.Text.Json.Serialization;

namespace DocIngest.Pipeline.Records;

/// <summary>Where a field's value came from.</summary>
/// <param name="Source"><c>sidecar</c>, <c>rule</c> or <c>person</c>.</param>
public sealed record FieldEvidence(string Source)
{
    /// <summary>The source of fields that stood beside the scan.</summary>
    public const string Sidecar = "sidecar";

    /// <summary>The source of fields that a rule found.</summary>
    public const string ByRule = "rule";

    /// <summary>The source of fields that a person gave.</summary>
    public const string Person = "person";

    /// <summary>The rule.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Rule { get; init; }

    /// <summary>What the rule found it in: <c>text</c>, <c>fileName</c>, <c>folder</c>, <c>barCode</c> or <c>metadata</c>; null where the rule gives the value itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Place { get; init; }

    /// <summary>The page, where there is one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Page { get; init; }

    /// <summary>Of a date: the words it came from.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Words { get; init; }

    /// <summary>Of a date: day and month could be the other way round, and the language or the profile's setting decided.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsAmbiguous { get; init; }
}

/// <summary>A code of a supplied vocabulary that the document holds.</summary>
/// <param name="Field">The code field that looked for it.</param>
/// <param name="Code">As the vocabulary writes it.</param>
/// <param name="Term">What it means there.</param>
/// <param name="Page">The first page with it; null where it is of no page.</param>
public sealed record FoundCode(
    string Field, string Code, string Term, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Page);
