using System.Text.Json.Serialization;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.SystemObjects;

namespace DocIngest.Pipeline.Disclosures;

/// <summary>Records that were handed out, to whom and what for: the accounting that a patient may ask for.</summary>
/// <param name="Number">Of its year, from 1.</param>
/// <param name="At">When, UTC.</param>
/// <param name="To">Whom they were for, as whoever handed them out said. May name a person: it stands here, in the archive, and nowhere else.</param>
/// <param name="Purpose">What for, a word of the audit's list.</param>
/// <param name="By">Who handed them out.</param>
/// <param name="Account">Their account, as a URI.</param>
/// <param name="Records">What.</param>
public sealed record Disclosure(
    [property: JsonRequired] int Number, DateTimeOffset At, [property: JsonRequired] string To, string Purpose, string By, string Account, [property: JsonRequired] IReadOnlyList<DisclosedRecord> Records)
{
    /// <summary>What the audit calls it.</summary>
    [JsonIgnore]
    public string Id => $"disclosure-{At.UtcDateTime.Year}-{Number}";
}

/// <summary>A record that was handed out.</summary>
/// <param name="Id">Which.</param>
/// <param name="Version">Which version of it.</param>
/// <param name="Files">Its files.</param>
public sealed record DisclosedRecord([property: JsonRequired] RecordId Id, [property: JsonRequired] int Version, [property: JsonRequired] IReadOnlyList<DisclosedFile> Files);

/// <summary>A file that was handed out.</summary>
/// <param name="Name">Its name in what was handed out.</param>
/// <param name="Sha512">Its digest.</param>
public sealed record DisclosedFile([property: JsonRequired] string Name, [property: JsonRequired] string Sha512);

/// <summary>The disclosures of a year (<c>disclosures.json</c> of <c>urn:docingest:disclosures:2026</c>; docs/formats/disclosures.md).</summary>
internal sealed record DisclosuresDocument([property: JsonRequired] IReadOnlyList<Disclosure> Disclosures)
{
    public const string CurrentFormat = "docingest-disclosures/1";
    public const string FileName = "disclosures.json";
    public const int MostBytes = 256 << 20;

    [JsonPropertyOrder(-1)]
    public string Format { get; init; } = CurrentFormat;

    public static DisclosuresDocument None { get; } = new([]);
}

/// <summary>How it is written.</summary>
[JsonSerializable(typeof(DisclosuresDocument))]
internal sealed partial class DisclosuresJson : JsonSerializerContext
{
    public static DisclosuresJson Instance { get; } = new(CreateOptions());

    private static System.Text.Json.JsonSerializerOptions CreateOptions()
    {
        var options = SystemDocumentJson.CreateOptions();
        options.Converters.Add(new RecordIdConverter());
        return options;
    }
}
