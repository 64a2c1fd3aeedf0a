using System.Text.Json;
using System.Text.Json.Serialization;
using DocIngest.Pipeline.SystemObjects;

namespace DocIngest.Assurance.Reports;

/// <summary>One thing that was checked: a line of <c>items.jsonl</c>.</summary>
/// <param name="Check">Of which check.</param>
/// <param name="Object">Id of what was checked.</param>
/// <param name="Version">Version of an object; null for what has none.</param>
/// <param name="Path">Content path in the object; null for the whole of it.</param>
/// <param name="Bytes">How much was read; null where nothing was.</param>
/// <param name="Expected">The digest that was expected, in hexadecimal; null where none is compared.</param>
/// <param name="Actual">The digest that was found; null where none is compared.</param>
/// <param name="Result">What came of it.</param>
/// <param name="Drawn">Whether it was drawn at random: only then does it count in the statement about all.</param>
/// <param name="Note">A code or a few words, where it did not pass; null otherwise.</param>
public sealed record ReportItem(
    string Check, string Object, string? Version, string? Path, long? Bytes, string? Expected, string? Actual, ItemResult Result, bool Drawn, string? Note);

/// <summary>What came of one check.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ItemResult>))]
public enum ItemResult
{
    /// <summary>As it should be.</summary>
    [JsonStringEnumMemberName("passed")]
    Passed,

    /// <summary>Not as it should be.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>Not checked.</summary>
    [JsonStringEnumMemberName("skipped")]
    Skipped,
}

/// <summary>How items are written: a line of JSON each.</summary>
[JsonSerializable(typeof(ReportItem))]
internal sealed partial class ReportItemJson : JsonSerializerContext
{
    public static ReportItemJson Instance { get; } = new(CreateOptions());

    private static JsonSerializerOptions CreateOptions()
    {
        var options = SystemDocumentJson.CreateOptions();
        options.DefaultIgnoreCondition = JsonIgnoreCondition.Never;   // a constructor parameter that is left out could not be read back
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        return options;
    }
}
