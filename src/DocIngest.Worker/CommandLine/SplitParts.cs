using System.Text.Json;
using System.Text.Json.Serialization;
using DocIngest.Pipeline.Revisions;

namespace DocIngest.Worker.CommandLine;

/// <summary>Reads what <c>split --parts</c> is given: a JSON list of documents, each with its pages and what is known of it.</summary>
internal static class SplitParts
{
    private static readonly JsonSerializerOptions Strict = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>Reads them.</summary>
    /// <exception cref="CommandException">It is of another form; exit 2. The message quotes nothing of it: it names patients.</exception>
    public static IReadOnlyList<SplitDocument> Read(string json)
    {
        List<Part?>? parts;
        try
        {
            parts = JsonSerializer.Deserialize<List<Part?>>(json, Strict);
        }
        catch (JsonException error)
        {
            throw Wrong($"line {error.LineNumber + 1}");   // its message may quote a value
        }

        return [.. (parts ?? throw Wrong("it is empty")).Select((part, at) => DocumentOf(part, at + 1))];
    }

    private static SplitDocument DocumentOf(Part? part, int number)
    {
        if (part is null || SplitPages.Parse(part.Pages) is not [var pages])
        {
            throw Wrong($"document {number} has no pages such as 1-2 or 1-2+5");
        }

        var fields = part.Fields ?? [];
        if (fields.Any(field => string.IsNullOrWhiteSpace(field.Key) || string.IsNullOrWhiteSpace(field.Value)))
        {
            throw Wrong($"document {number} has a field without name or value");
        }

        var said = new Assignment(
            new SortedDictionary<string, string>(fields.ToDictionary(field => field.Key.Trim(), field => field.Value.Trim()), StringComparer.Ordinal),
            PersonsDecision.Trimmed(part.RecordClass), PersonsDecision.Trimmed(part.DocumentKey), null)
        {
            Title = PersonsDecision.Trimmed(part.Title),
        };
        return new SplitDocument(pages, said is { Fields.Count: 0, RecordClass: null, DocumentKey: null, Title: null } ? null : said);
    }

    private static CommandException Wrong(string where) => new(
        ExitCode.Usage,
        $$"""The parts are no list such as [ { "pages": "1-3", "fields": { "patientId": "…" }, "recordClass": "letter", "documentKey": "…", "title": "…" }, { "pages": "4-6" } ]: {{where}}.""");

    private sealed record Part([property: JsonRequired] string Pages, Dictionary<string, string>? Fields = null, string? RecordClass = null, string? DocumentKey = null, string? Title = null);
}
