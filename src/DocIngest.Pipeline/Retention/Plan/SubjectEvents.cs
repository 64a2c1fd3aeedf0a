using System.Text.Json;
using DocIngest.Archive;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.SystemObjects;

namespace DocIngest.Pipeline.Retention;

/// <summary>A date and where it stands.</summary>
internal readonly record struct Evidenced(DateOnly Date, string Object, int Version, int Entry)
{
    public string Evidence => $"entry {Entry} of {Object} v{Version}";
}

/// <summary>The first and last events of a patient or case, from all objects that hold some.</summary>
internal sealed class SubjectEvents
{
    private readonly Dictionary<string, (Evidenced First, Evidenced Last)> _byKind = [];

    private SubjectEvents(bool isReadable) => IsReadable = isReadable;

    /// <summary>Nobody, or nobody of whom anything is known.</summary>
    public static SubjectEvents None { get; } = new(isReadable: true);

    /// <summary>False where an object is damaged: what is missing may be what matters.</summary>
    public bool IsReadable { get; private set; }

    /// <summary>Reads the events of a subject; from the archive itself where the catalog may be behind.</summary>
    public static SubjectEvents Of(EventSubject subject, RetentionReader catalog, EventObjects archive)
    {
        var holders = catalog.EventsOf(subject.Word, subject.Number);
        if (holders.Count == 0)
        {
            return None;
        }

        var events = new SubjectEvents(isReadable: true);
        foreach (var holder in holders)
        {
            events.Add(holder, archive);
        }

        return events;
    }

    public Evidenced? First(string kind) => _byKind.TryGetValue(kind, out var found) ? found.First : null;

    public Evidenced? Last(string kind) => _byKind.TryGetValue(kind, out var found) ? found.Last : null;

    private void Add(EventHolder holder, EventObjects archive)
    {
        if (!holder.MayBeNewer)
        {
            Add(holder.Object, holder.Version, holder.Dates);
            return;
        }

        try
        {
            if (archive.Find(new SystemObjectName(holder.Object)) is { } read)
            {
                Add(holder.Object, read.Version, read.Events.Dates());
            }
        }
        catch (Exception error) when (error is DamagedObjectException or FixityException or JsonException)
        {
            IsReadable = false;   // the plan lists every record that depends on it
        }
    }

    private void Add(string name, int version, IReadOnlyList<EventDates> dates)
    {
        foreach (var date in dates)
        {
            var first = new Evidenced(date.First, name, version, date.FirstEntry);
            var last = new Evidenced(date.Last, name, version, date.LastEntry);
            _byKind[date.Kind] = _byKind.TryGetValue(date.Kind, out var other)
                ? (first.Date < other.First.Date ? first : other.First, last.Date > other.Last.Date ? last : other.Last)
                : (first, last);
        }
    }
}
