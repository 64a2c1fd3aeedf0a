using System.Runtime.InteropServices;
using System.Text.Json;
using DocIngest.Backup.Encoding;

namespace DocIngest.Backup.Repositories;

/// <summary>The fields of a small JSON object, read as Go reads them: null and absent are the same, unknown ones are ignored, of repeated ones the last counts.</summary>
/// <exception cref="InvalidDataException">Any member: the field is there and of another kind. The message holds the field's name, never its value.</exception>
internal readonly struct JsonFields
{
    private const int MaxDepth = 1000;   // unknown fields may nest deeper than ours

    private readonly JsonElement _object;

    private JsonFields(JsonElement element) => _object = element;

    private delegate bool Getter<T>(JsonElement element, out T value);

    /// <summary>Reads a document that is one object.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="read">Makes something of the fields, which are gone afterwards.</param>
    internal static T Read<T>(ReadOnlyMemory<byte> json, Func<JsonFields, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return document.RootElement.ValueKind is JsonValueKind.Object
                ? read(new JsonFields(document.RootElement))
                : throw new InvalidDataException("The content is no JSON object.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException("The content is no well-formed JSON.", error);
        }
    }

    internal string? Text(string name) => Find(name) is { } element ? Text(element, name) : null;

    internal long? Integer(string name) => Value(name, (JsonElement element, out long value) => element.TryGetInt64(out value), "an integer");

    internal uint? UnsignedInteger(string name) => Value(name, (JsonElement element, out uint value) => element.TryGetUInt32(out value), "a number");

    internal ulong? LongUnsignedInteger(string name) => Value(name, (JsonElement element, out ulong value) => element.TryGetUInt64(out value), "a number");

    internal bool? Boolean(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw Wrong(name, "true or false"),
    };

    /// <summary>Standard base64 with padding.</summary>
    internal byte[]? Bytes(string name)
    {
        if (Find(name) is not { } element)
            return null;
        return element.ValueKind is JsonValueKind.String && element.TryGetBytesFromBase64(out byte[]? value) ? value : throw Wrong(name, "base64");
    }

    internal Sha256Digest? Digest(string name) =>
        Text(name) is not { } hex ? null : Sha256Digest.TryParse(hex, out var digest) ? digest : throw Wrong(name, "an id");

    internal ZonedTime? Time(string name) =>
        Text(name) is not { } text ? null : ZonedTime.TryParse(text, out var time) ? time : throw Wrong(name, "a time with a zone");

    internal IReadOnlyList<string> Texts(string name)
    {
        if (Find(name) is not { } element)
            return [];
        if (element.ValueKind is not JsonValueKind.Array)
            throw Wrong(name, "an array");
        return [.. element.EnumerateArray().Select(item => item.ValueKind is JsonValueKind.Null ? "" : Text(item, name))];
    }

    internal JsonFields? Object(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } element => new JsonFields(element),
        _ => throw Wrong(name, "an object"),
    };

    private JsonElement? Find(string name) =>
        _object.TryGetProperty(name, out var element) && element.ValueKind is not JsonValueKind.Null ? element : null;

    private T? Value<T>(string name, Getter<T> getter, string expected)
        where T : struct
    {
        if (Find(name) is not { } element)
            return null;
        return element.ValueKind is JsonValueKind.Number && getter(element, out var value) ? value : throw Wrong(name, expected);
    }

    /// <summary>Not <see cref="JsonElement.GetString"/>: it refuses what Go reads with a replacement character.</summary>
    private static string Text(JsonElement element, string name) => element.ValueKind is JsonValueKind.String
        ? System.Text.Encoding.UTF8.GetString(GoJsonText.Unescape(JsonMarshal.GetRawUtf8Value(element)[1..^1]))
        : throw Wrong(name, "a string");

    private static InvalidDataException Wrong(string name, string expected) => new($"The field {name} is not {expected}.");
}
