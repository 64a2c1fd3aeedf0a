using System.Text.Json;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Classification;

/// <summary>What a scanner or another system says of a scan, in a JSON file beside it (docs/formats/sidecar.md).</summary>
/// <param name="DocumentKey">Names one document.</param>
/// <param name="RecordClass">Class of the record.</param>
/// <param name="Fields">Fields by name.</param>
/// <param name="AddVersionTo">An existing record that this scan is the next version of; only from a trusted profile.</param>
public sealed record Sidecar(string? DocumentKey, string? RecordClass, IReadOnlyDictionary<string, string> Fields, RecordId? AddVersionTo)
{
    /// <summary>Largest sidecar that is read.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Most events that one may bring.</summary>
    public const int MostEvents = 100;

    /// <summary>What happened to the patient or the case; only from a trusted profile.</summary>
    public IReadOnlyList<SidecarEvent> Events { get; init; } = [];

    private const char ByteOrderMark = '\uFEFF';   // editors on Windows write it

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Reads a sidecar.</summary>
    /// <returns>The sidecar, or null with the fault in plain words, without anything the file says.</returns>
    public static (Sidecar? Sidecar, string? Fault) Read(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json.TrimStart(ByteOrderMark), Strict);
            return Read(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return (null, "the sidecar is no JSON object");   // the latter: an escaped half of a surrogate pair, which is no text
        }
    }

    private static (Sidecar? Sidecar, string? Fault) Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            return (null, "the sidecar is no JSON object");
        }

        string? key = null;
        string? recordClass = null;
        RecordId? addVersionTo = null;
        var events = new List<SidecarEvent>();
        var fields = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in root.EnumerateObject())
        {
            switch (property.Name)
            {
                case "documentKey" when property.Value is { ValueKind: JsonValueKind.String } value:
                    key = DocumentKeyRule.Normalise(value.GetString());
                    break;
                case "recordClass" when property.Value is { ValueKind: JsonValueKind.String } value:
                    recordClass = value.GetString() is { } name && RecordClassRule.Holds(name) ? name : null;
                    if (recordClass is null)
                    {
                        return (null, "the record class in the sidecar has other characters than a-z, 0-9, - and _, or more than 64");
                    }

                    break;
                case "addVersionTo" when RecordId.TryParse(property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString() : null, out var id):
                    addVersionTo = id;
                    break;
                case "fields" when property.Value.ValueKind == JsonValueKind.Object:
                    foreach (var field in property.Value.EnumerateObject())
                    {
                        if (FieldText(field.Value) is not { } text)
                        {
                            return (null, "a field of the sidecar is neither text, number, true nor false");
                        }

                        fields[field.Name] = text;
                    }

                    break;
                case "events" when property.Value is { ValueKind: JsonValueKind.Array } value && value.GetArrayLength() <= MostEvents:
                    foreach (var element in value.EnumerateArray())
                    {
                        if (SidecarEvent.Read(element) is not { } happened)
                        {
                            return (null, $"an event of the sidecar has an unknown entry, or one that is no text; known are {SidecarEvent.Entries}");
                        }

                        events.Add(happened);
                    }

                    break;
                default:
                    return (null, "the sidecar has an unknown entry, or one of the wrong type; known are documentKey, recordClass, fields, addVersionTo, events");
            }
        }

        return (new Sidecar(key, recordClass, fields, addVersionTo) { Events = events }, null);
    }

    private static string? FieldText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };
}
