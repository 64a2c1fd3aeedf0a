using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using DocIngest.Pipeline.Catalog;

namespace DocIngest.Pipeline.Retention;

/// <summary>All events of one patient or case (<c>events.json</c>; docs/formats/retention.md). Entries are only ever added.</summary>
/// <param name="Subject"><c>patient</c> or <c>case</c>.</param>
/// <param name="Number">As numbers are compared.</param>
/// <param name="Entries">In the order in which they were recorded.</param>
public sealed record EventsDocument(
    [property: JsonRequired] string Subject, [property: JsonRequired] string Number, [property: JsonRequired] IReadOnlyList<EventEntry> Entries)
{
    /// <summary>The value of <see cref="Format"/> that this program writes.</summary>
    public const string CurrentFormat = "docingest-events/1";

    internal const string FileName = "events.json";
    private const int MostBytes = 16 << 20;   // 80,000 entries; an object of other origin could have any size

    /// <summary>Format and version of this document.</summary>
    [JsonPropertyOrder(-1)]
    public string Format { get; init; } = CurrentFormat;

    /// <summary>The entries that hold: neither replaced nor taken back by a later one.</summary>
    public IEnumerable<EventEntry> InForce()
    {
        var replaced = Entries.Select(entry => entry.Supersedes).OfType<int>().ToHashSet();
        return Entries.Where(entry => entry.Date is not null && !replaced.Contains(entry.Entry));
    }

    internal EventSubject ToSubject() => new(Subject == "case" ? SubjectKind.Case : SubjectKind.Patient, Number);

    /// <summary>The first and last of each kind, for the catalog.</summary>
    internal IReadOnlyList<EventDates> Dates() =>
    [
        .. InForce().GroupBy(entry => entry.Kind).Select(group =>
        {
            var first = group.MinBy(entry => entry.Date)!;   // '!': groups are not empty
            var last = group.MaxBy(entry => entry.Date)!;
            return new EventDates(group.Key, first.Date ?? default, last.Date ?? default, first.Entry, last.Entry);   // in force: they have dates
        }),
    ];

    /// <summary>All that hold, to be counted.</summary>
    internal IEnumerable<EventDay> Days() => InForce().Select(entry => new EventDay(entry.Kind, entry.Date ?? default));   // in force: they have dates

    internal byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, EventsJson.Instance.EventsDocument);

    /// <summary>Reads one.</summary>
    /// <exception cref="JsonException">It is none, or of a newer program.</exception>
    internal static EventsDocument Read(Stream stream)
    {
        if (stream.Length > MostBytes)
        {
            throw new JsonException("It is too large to be events.");
        }

        var read = JsonSerializer.Deserialize(stream, EventsJson.Instance.EventsDocument);
        return read is { Format: CurrentFormat, Subject: "patient" or "case" } && read.Entries.Select((entry, index) => entry.Entry == index + 1).All(isNext => isNext)
            ? read
            : throw new JsonException("It is no events of this format.");
    }
}

/// <summary>One entry.</summary>
/// <param name="Entry">Its number, from 1.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Date">When, as a civil date; null takes the entry that it supersedes back.</param>
/// <param name="RecordedAt">When it was recorded, UTC.</param>
/// <param name="By">Who recorded it.</param>
/// <param name="Account">The account as a URI.</param>
/// <param name="Source">How it came.</param>
public sealed record EventEntry(
    [property: JsonRequired] int Entry, [property: JsonRequired] string Kind, [property: JsonRequired] DateOnly? Date,
    DateTimeOffset RecordedAt, string By, string Account, EventSource Source)
{
    /// <summary>The entry that this one corrects; null for most.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Supersedes { get; init; }
}

/// <summary>How an event came.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EventSource>))]
public enum EventSource
{
    /// <summary>By <c>events add</c>.</summary>
    [JsonStringEnumMemberName("command")]
    Command,

    /// <summary>By the sidecar of a scan.</summary>
    [JsonStringEnumMemberName("sidecar")]
    Sidecar,

    /// <summary>By <c>events import</c>.</summary>
    [JsonStringEnumMemberName("import")]
    Import,
}

/// <summary>How <c>events.json</c> is written.</summary>
[JsonSerializable(typeof(EventsDocument))]
internal sealed partial class EventsJson : JsonSerializerContext
{
    public static EventsJson Instance { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,   // a file of our own, never put into HTML
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
    });
}
