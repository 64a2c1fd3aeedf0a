namespace DocIngest.Pipeline.Retention;

/// <summary>One thing wrong with the schedule.</summary>
/// <param name="Path">Where, as <c>classes[0].expression</c>.</param>
/// <param name="Message">What is wrong and what would be right.</param>
public sealed record ScheduleFault(string Path, string Message);

/// <summary>How long the records of a class are kept, and what then.</summary>
/// <param name="Id">The record class.</param>
/// <param name="Title">For people.</param>
/// <param name="Mandate">What asks for it.</param>
/// <param name="Action">What is done when it is due.</param>
/// <param name="ExpressionText">As the schedule has it; null for permanent.</param>
public sealed record RetentionClass(string Id, string Title, string Mandate, RetentionAction Action, string? ExpressionText)
{
    /// <summary>Null for permanent.</summary>
    internal Expression? Expression { get; init; }
}

/// <summary>All classes and kinds of events, checked and ready. Immutable.</summary>
public sealed class RetentionSchedule
{
    private readonly Dictionary<string, RetentionClass> _classes;

    internal RetentionSchedule(RetentionOptions options, TimeZoneInfo zone, IReadOnlyList<EventKind> kinds, IEnumerable<RetentionClass> classes)
    {
        Zone = zone;
        PatientField = options.PatientField;
        CaseField = options.CaseField;
        PosthumousDays = options.PosthumousDays;
        CoolOffDays = options.CoolOffDays;
        ForeignCopies = [.. options.ForeignCopies];
        Kinds = kinds;
        _classes = classes.ToDictionary(one => one.Id);
    }

    /// <summary>No schedule: nothing is ever due, and days are those of UTC.</summary>
    public static RetentionSchedule None { get; } = new(new RetentionOptions(), TimeZoneInfo.Utc, EventKind.BuiltIn, []);

    /// <summary>Whose calendar counts.</summary>
    public TimeZoneInfo Zone { get; }

    /// <summary>The field with the patient's number.</summary>
    public string PatientField { get; }

    /// <summary>The field with the number of the case.</summary>
    public string CaseField { get; }

    /// <summary>Days after death on which events may still be dated.</summary>
    public int PosthumousDays { get; }

    /// <summary>Days between the second approval of a destruction and its execution.</summary>
    public int CoolOffDays { get; }

    /// <summary>Copies of records that this program does not make.</summary>
    public IReadOnlyList<ForeignCopyOptions> ForeignCopies { get; }

    /// <summary>Kinds of events there are.</summary>
    public IReadOnlyList<EventKind> Kinds { get; }

    /// <summary>The classes, in no order.</summary>
    public IReadOnlyCollection<RetentionClass> Classes => _classes.Values;

    /// <summary>The class of this id; null where the schedule has none.</summary>
    public RetentionClass? Find(string recordClass) => _classes.GetValueOrDefault(recordClass);

    /// <summary>The civil date of an instant.</summary>
    public DateOnly DateOf(DateTimeOffset instant) => CivilDates.In(Zone, instant);

    /// <summary>Makes a schedule ready.</summary>
    /// <param name="options">As read from the file.</param>
    /// <param name="knownClasses">Classes that rules and profiles may give; null where that is not known.</param>
    /// <param name="faults">Every fault at once; empty when the schedule can be used.</param>
    /// <returns>The schedule; null where there are faults.</returns>
    public static RetentionSchedule? Build(RetentionOptions options, IReadOnlyCollection<string>? knownClasses, out IReadOnlyList<ScheduleFault> faults)
    {
        var builder = new ScheduleBuilder(options, knownClasses);
        var schedule = builder.Build();
        faults = builder.Faults;
        return faults.Count == 0 ? schedule : null;
    }
}
