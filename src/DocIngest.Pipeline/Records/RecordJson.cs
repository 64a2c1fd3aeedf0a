using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DocIngest.Pipeline.Records;

/// <summary>How <c>record.json</c> and <c>text.json</c> are written: camel case, UTF-8, unescaped letters of any script, no indentation.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters = [typeof(RecordIdConverter)])]
[JsonSerializable(typeof(RecordDocument))]
[JsonSerializable(typeof(DocumentText))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(SortedDictionary<string, string>))]
public sealed partial class RecordJson : JsonSerializerContext
{
    /// <summary>The context to use.</summary>
    public static RecordJson Instance { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new RecordIdConverter() },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,   // files of our own, never put into HTML
    });
}

/// <summary>Writes a <see cref="RecordId"/> as <c>urn:uuid:…</c>.</summary>
public sealed class RecordIdConverter : JsonConverter<RecordId>
{
    /// <inheritdoc />
    public override RecordId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        RecordId.TryParse(reader.GetString(), out var id) ? id : throw new JsonException("A record id is urn:uuid:….");

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, RecordId value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
