using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Holds;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.SystemObjects;

namespace DocIngest.Pipeline.Retention;

/// <summary>Works out why and until when records are kept.</summary>
/// <remarks>A plan is a list to look at. Whoever destroys works each record out again just before, from the archive (<see cref="Plan(RecordDocument, int)"/>).</remarks>
public sealed class RetentionPlanner
{
    private const int MostPatientsKnown = 50_000;   // less than a kilobyte each

    private readonly RetentionSchedule _schedule;
    private readonly RetentionReader _catalog;
    private readonly EventObjects _archive;
    private readonly DateOnly _today;
    private readonly List<string> _fields;
    private readonly HoldsInForce _holds;
    private readonly Dictionary<EventSubject, SubjectEvents> _patients = [];   // all of one state of the catalog

    /// <param name="schedule">The schedule.</param>
    /// <param name="catalog">One state of the catalog.</param>
    /// <param name="objects">The archive's system objects.</param>
    /// <param name="time">The clock: a day is over when it is over in the schedule's zone.</param>
    /// <param name="holds">The legal holds that the plan is to show; null for none.</param>
    public RetentionPlanner(RetentionSchedule schedule, RetentionReader catalog, SystemObjectStore objects, TimeProvider time, HoldsInForce? holds = null)
    {
        _holds = holds ?? HoldsInForce.None;
        _schedule = schedule;
        _catalog = catalog;
        _archive = new EventObjects(objects);
        _today = schedule.DateOf(time.GetUtcNow());
        var ofTriggers = schedule.Classes.SelectMany(one => one.Expression?.Triggers() ?? []).Where(trigger => trigger.Source == TriggerSource.Field);
        _fields = [.. ofTriggers.Select(trigger => trigger.Kinds[0]).Prepend(schedule.CaseField).Prepend(schedule.PatientField).Concat(_holds.Fields).Distinct()];
    }

    /// <summary>Every record, oldest first, as the caller goes on.</summary>
    /// <param name="recordClass">Only of this class; null for all.</param>
    public IEnumerable<PlannedRecord> Plan(string? recordClass) => _catalog.Records(_fields, recordClass).Select(Plan);

    /// <summary>One record; null where the catalog has none of this id.</summary>
    public PlannedRecord? Plan(RecordId id) => _catalog.Find(id, _fields) is { } record ? Plan(record) : null;

    /// <summary>A record as the archive has it, whatever the catalog says of it.</summary>
    /// <param name="record">Its head.</param>
    /// <param name="version">The head's number.</param>
    public PlannedRecord Plan(RecordDocument record, int version) =>
        Plan(new RecordOfClass(record.Id, version, record.RecordClass, [.. _fields.Select(name => record.Fields.TryGetValue(name, out string? value) ? value : null)]));

    private PlannedRecord Plan(RecordOfClass record) => WorkOut(record) with { Holds = HoldsOf(record) };

    private IReadOnlyList<string> HoldsOf(RecordOfClass record) => !_holds.Any ? [] :
    [
        .. _holds.Of(
            record.Id, record.RecordClass,
            _fields.Zip(record.Fields).Where(pair => pair.Second is not null).Select(pair => KeyValuePair.Create(pair.First, pair.Second!))).Select(hold => hold.Id),   // '!': filtered
    ];

    private PlannedRecord WorkOut(RecordOfClass record)
    {
        var schedule = _schedule.Find(record.RecordClass);
        if (schedule?.Expression is not { } expression)
        {
            return new PlannedRecord(
                record.Id, record.Version, record.RecordClass, schedule, [], schedule is null ? new RetentionVerdict.NoSchedule() : new RetentionVerdict.Permanent());
        }

        var reader = new TriggerReader(_schedule, _today, record, _fields, EventsOf);
        var readings = expression.Triggers().ToDictionary(trigger => trigger, reader.Read);
        return new PlannedRecord(record.Id, record.Version, record.RecordClass, schedule, [.. readings.Values], Judge(expression, readings));
    }

    private RetentionVerdict Judge(Expression expression, Dictionary<Trigger, TriggerReading> readings)
    {
        var until = readings.Values.Any(reading => reading.IsContradicted) ? null : expression.WorkOut(trigger => readings[trigger].Date);
        return until is not { } day ? new RetentionVerdict.Kept(Reason(readings.Values))
            : day < _today ? new RetentionVerdict.Due(day)
            : new RetentionVerdict.NotDue(day);
    }

    // Contradictions first: they are what somebody must put right.
    private static string Reason(IEnumerable<TriggerReading> readings) => string.Join(
        "; ", readings.Where(reading => reading.Problem is not null).OrderByDescending(reading => reading.IsContradicted).Select(reading => $"{reading.Name}: {reading.Problem}"));

    // A patient has many records, and they lie apart.
    private SubjectEvents EventsOf(EventSubject subject)
    {
        if (_patients.TryGetValue(subject, out var known))
        {
            return known;
        }

        var events = SubjectEvents.Of(subject, _catalog, _archive);
        if (subject.Kind == SubjectKind.Patient)
        {
            if (_patients.Count == MostPatientsKnown)
            {
                _patients.Clear();
            }

            _patients.Add(subject, events);
        }

        return events;
    }
}
