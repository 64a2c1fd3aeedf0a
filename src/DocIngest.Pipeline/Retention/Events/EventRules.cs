using System.Globalization;

namespace DocIngest.Pipeline.Retention;

/// <summary>What events may be recorded: their kinds, whose they are, and when they can have been.</summary>
/// <param name="schedule">Its kinds of events.</param>
/// <param name="today">The day in the schedule's zone.</param>
public sealed class EventRules(RetentionSchedule schedule, DateOnly today)
{
    internal static readonly DateOnly Earliest = new(1900, 1, 1);   // older dates are misread ones: nobody's retention goes by them

    /// <summary>Makes a line of what somebody wrote. Empty texts are absent ones.</summary>
    /// <param name="patient">The patient's number.</param>
    /// <param name="encounter">The number of the case.</param>
    /// <param name="kind">What happened.</param>
    /// <param name="date">When, as 2024-01-31; empty takes back what <paramref name="replaces"/> names.</param>
    /// <param name="replaces">The wrong date that this corrects.</param>
    /// <returns>The line, or what is wrong in words that quote neither number nor date.</returns>
    public (EventLine? Line, string? Fault) Check(string patient, string encounter, string kind, string date, string replaces)
    {
        var known = schedule.Kinds.FirstOrDefault(one => string.Equals(one.Name, kind, StringComparison.OrdinalIgnoreCase));
        var wrong = Day(replaces);
        var day = Day(date);
        return Fault(patient, encounter, known) is { } fault ? (null, fault)
            : replaces.Length > 0 && wrong is null ? (null, "replaces what is no day such as 2024-01-31")
            : date.Length == 0 && wrong is null ? (null, "has no date")
            : date.Length > 0 && day is null ? (null, "has a date that is no day such as 2024-01-31")
            : day < Earliest ? (null, $"is before {Earliest:yyyy-MM-dd}")
            : day > today ? (null, "is in the future")
            : day == wrong ? (null, "replaces a date by the same date")
            : (new EventLine(known!.Name, day, wrong, Subjects(patient, encounter, known)), null);   // '!': Fault has looked
    }

    private string? Fault(string patient, string encounter, EventKind? kind) =>
        kind is null ? $"has a kind that there is not. Known: {string.Join(", ", schedule.Kinds.Select(one => one.Name))}"
        : patient.Length + encounter.Length == 0 ? "has no number of a patient or case"
        : patient.Length > 0 && EventSubject.Of(SubjectKind.Patient, patient) is null ? "has a patient's number without letters and digits, or too long"
        : encounter.Length > 0 && EventSubject.Of(SubjectKind.Case, encounter) is null ? "has a case's number without letters and digits, or too long"
        : Subjects(patient, encounter, kind).Count == 0 ? $"is {kind.Name}, an event of a {(kind.OfPatients ? "patient, whose" : "case, whose")} number is missing"
        : null;

    private static List<EventSubject> Subjects(string patient, string encounter, EventKind kind) =>
    [
        .. new[]
        {
            kind.OfPatients ? EventSubject.Of(SubjectKind.Patient, patient) : null,
            kind.OfCases ? EventSubject.Of(SubjectKind.Case, encounter) : null,
        }.OfType<EventSubject>(),
    ];

    private static DateOnly? Day(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
}
