namespace DocIngest.Pipeline.Retention;

/// <summary>Adds lines to the events of one patient or case. The same lines again change nothing.</summary>
internal sealed class EventBook
{
    private const int MostEntries = 10_000;   // some events a day for a lifetime

    private readonly EventSubject _subject;
    private readonly List<EventEntry> _entries;
    private readonly Dictionary<(string Kind, DateOnly? Date), int> _inForce = [];
    private readonly HashSet<(string Kind, DateOnly? Date)> _ever = [];
    private readonly int _before;

    public EventBook(EventSubject subject, EventsDocument? found)
    {
        _subject = subject;
        _entries = [.. found?.Entries ?? []];
        _before = _entries.Count;
        _ever.UnionWith(_entries.Select(entry => (entry.Kind, entry.Date)));
        foreach (var entry in found?.InForce() ?? [])
        {
            _inForce[(entry.Kind, entry.Date)] = entry.Entry;
        }
    }

    public bool IsChanged => _entries.Count > _before;

    public EventsDocument Document => new(_subject.Word, _subject.Number, _entries);

    /// <summary>Adds one line, unless it is known or cannot be.</summary>
    /// <param name="line">What.</param>
    /// <param name="stamp">When, by whom and how it came; its number, kind and date are not looked at.</param>
    public EventOutcome Add(EventLine line, EventEntry stamp) =>
        _entries.Count >= MostEntries ? new EventOutcome.Refused($"its {_subject.Word} has {MostEntries:N0} entries already, which cannot be")
        : line.Replaces is { } wrong ? Correct(line, wrong, stamp)
        : AddNew(line, stamp);

    private EventOutcome AddNew(EventLine line, EventEntry stamp)
    {
        if (_inForce.ContainsKey((line.Kind, line.Date)))
        {
            return new EventOutcome.Known();
        }

        // An old file that is imported again must not bring back what was corrected since; a person may.
        if (!line.IsAgain && _ever.Contains((line.Kind, line.Date)))
        {
            return new EventOutcome.Refused("was corrected before, and the correction holds; 'events add --again' would bring it back");
        }

        Append(line, stamp, supersedes: null);
        return new EventOutcome.Added();
    }

    private EventOutcome Correct(EventLine line, DateOnly wrong, EventEntry stamp)
    {
        if (_inForce.Remove((line.Kind, wrong), out int replaced))
        {
            Append(line, stamp, replaced);
            return new EventOutcome.Added();
        }

        return _ever.Contains((line.Kind, wrong)) && (line.Date is null || _inForce.ContainsKey((line.Kind, line.Date)))
            ? new EventOutcome.Known()
            : new EventOutcome.Refused($"replaces an event that its {_subject.Word} does not have");
    }

    private void Append(EventLine line, EventEntry stamp, int? supersedes)
    {
        _entries.Add(stamp with { Entry = _entries.Count + 1, Kind = line.Kind, Date = line.Date, Supersedes = supersedes });
        _ever.Add((line.Kind, line.Date));
        if (line.Date is not null)
        {
            _inForce[(line.Kind, line.Date)] = _entries.Count;
        }
    }
}
