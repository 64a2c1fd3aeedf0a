using System.Diagnostics;
using System.Globalization;
using DocIngest.Pipeline.Catalog;

namespace DocIngest.Pipeline.Retention;

/// <summary>Finds the dates of a record's triggers, and believes none that cannot be true.</summary>
/// <remarks>
/// Not known and not believed are two things: what has not happened may be left out of a <c>min</c>, while a contradiction says that something in the
/// patient's data is wrong, and nobody knows what.
/// </remarks>
internal sealed class TriggerReader
{
    private readonly RetentionSchedule _schedule;
    private readonly DateOnly _today;
    private readonly RecordOfClass _record;
    private readonly List<string> _fields;
    private readonly SubjectEvents? _patient;   // null where the record names none
    private readonly SubjectEvents? _case;
    private readonly Evidenced? _birth;
    private readonly Evidenced? _death;

    public TriggerReader(
        RetentionSchedule schedule, DateOnly today, RecordOfClass record, List<string> fields, Func<EventSubject, SubjectEvents> eventsOf)
    {
        _schedule = schedule;
        _today = today;
        _record = record;
        _fields = fields;
        _patient = EventSubject.Of(SubjectKind.Patient, Field(schedule.PatientField)) is { } patient ? eventsOf(patient) : null;
        _case = EventSubject.Of(SubjectKind.Case, Field(schedule.CaseField)) is { } encounter ? eventsOf(encounter) : null;
        _birth = _patient?.First(EventKind.Birth);
        _death = _patient?.Last(EventKind.Death);
    }

    public TriggerReading Read(Trigger trigger) => trigger.Source switch
    {
        TriggerSource.Received => Received(trigger),
        TriggerSource.Field => OfField(trigger),
        TriggerSource.Patient => OfEvents(trigger, _patient, _schedule.PatientField, "patient"),
        TriggerSource.Case => OfEvents(trigger, _case, _schedule.CaseField, "case"),
        _ => throw new UnreachableException(),
    };

    private string? Field(string name) => _fields.IndexOf(name) is >= 0 and var at ? _record.Fields[at] : null;

    private TriggerReading Received(Trigger trigger)
    {
        var day = _schedule.DateOf(_record.Id.DrawnAt);   // drawn when its first scan was claimed
        return day > _today ? Contradicted(trigger, "is in the future") : new TriggerReading(trigger.Name, day, "the day it was taken in", null);
    }

    private TriggerReading OfField(Trigger trigger)
    {
        string name = trigger.Kinds[0];
        if (Field(name) is not { Length: > 0 } text)
        {
            return Unknown(trigger, $"the record has no field {name}");
        }

        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return Contradicted(trigger, "is no day such as 2024-01-31");
        }

        return Fault(day, day, mayFollowDeath: false) is { } fault
            ? Contradicted(trigger, fault)
            : new TriggerReading(trigger.Name, day, $"field {name}", null);
    }

    private TriggerReading OfEvents(Trigger trigger, SubjectEvents? events, string field, string whose)
    {
        if (events is null)
        {
            return Unknown(trigger, $"the record has no field {field} that names a {whose}");
        }

        if (!events.IsReadable)
        {
            return Contradicted(trigger, $"the events of its {whose} are damaged");
        }

        if (trigger.Kinds.Select(kind => Fault(events, kind)).FirstOrDefault(fault => fault is not null) is { } found)
        {
            return Contradicted(trigger, found);
        }

        if (trigger.WaitsForStays && OpenStay(events) is { } since)
        {
            return _death is { } end && end.Date >= since.Date
                ? Known(trigger, end)   // the stay ended with it
                : Unknown(trigger, $"its {whose} was admitted and not discharged since");
        }

        var chosen = trigger.Kinds.Select(kind => trigger.Choice == TriggerChoice.First ? events.First(kind) : events.Last(kind)).OfType<Evidenced>().ToList();
        return chosen.Count == 0 ? Unknown(trigger, $"no such event of its {whose} is known")
            : Known(trigger, trigger.Choice == TriggerChoice.First ? chosen.MinBy(one => one.Date) : chosen.MaxBy(one => one.Date));
    }

    private static Evidenced? OpenStay(SubjectEvents events) =>
        events.Last(EventKind.Admission) is { } admission && !(events.Last(EventKind.Discharge)?.Date >= admission.Date) ? admission : null;

    // All of a kind are looked at, not the one that counts alone: a wrong date may hide the right one.
    private string? Fault(SubjectEvents events, string kind)
    {
        if (events.First(kind) is not { } first || events.Last(kind) is not { } last)
        {
            return FaultOfLife();
        }

        bool isOnce = _schedule.Kinds.FirstOrDefault(one => one.Name == kind)?.IsOnce == true;
        return isOnce && first.Date != last.Date ? $"there are two dates of {kind}"
            : Fault(first.Date, last.Date, mayFollowDeath: kind is EventKind.Death or EventKind.CaseClosed) is { } fault ? $"an event of kind {kind} {fault}"
            : null;
    }

    private string? Fault(DateOnly first, DateOnly last, bool mayFollowDeath) =>
        first < EventRules.Earliest ? $"is before {EventRules.Earliest:yyyy-MM-dd}"
        : last > _today ? "is in the future"
        : FaultOfLife() is { } life ? $"cannot be judged: {life}"
        : first < _birth?.Date ? "is before the patient's birth"
        : !mayFollowDeath && last > _death?.Date.AddDays(_schedule.PosthumousDays) ? "is after the patient's death"
        : null;

    // What else is said of a patient is held against birth and death: they must be sound themselves.
    private string? FaultOfLife() =>
        _patient is null ? null
        : !_patient.IsReadable ? "the events of its patient are damaged"
        : _birth is { } birth && _patient.Last(EventKind.Birth)?.Date != birth.Date ? "there are two dates of birth"
        : _death is { } death && _patient.First(EventKind.Death)?.Date != death.Date ? "there are two dates of death"
        : _birth?.Date < EventRules.Earliest || _death?.Date < EventRules.Earliest ? $"birth or death is before {EventRules.Earliest:yyyy-MM-dd}"
        : _birth?.Date > _today || _death?.Date > _today ? "birth or death is in the future"
        : _death?.Date < _birth?.Date ? "death is before birth"
        : null;

    private static TriggerReading Known(Trigger trigger, Evidenced found) => new(trigger.Name, found.Date, found.Evidence, null);

    private static TriggerReading Unknown(Trigger trigger, string problem) => new(trigger.Name, null, null, problem);

    private static TriggerReading Contradicted(Trigger trigger, string problem) => new(trigger.Name, null, null, problem, IsContradicted: true);
}
