namespace DocIngest.Pipeline.Retention;

/// <summary>Makes a schedule ready and gathers every fault in it.</summary>
internal sealed class ScheduleBuilder(RetentionOptions options, IReadOnlyCollection<string>? knownClasses)
{
    private readonly List<ScheduleFault> _faults = [];

    public IReadOnlyList<ScheduleFault> Faults => _faults;

    public RetentionSchedule Build()
    {
        var zone = Zone();
        var kinds = Kinds();
        var triggers = new TriggerNames(kinds);
        var ids = new Dictionary<string, int>();
        var classes = options.Classes.Select((one, index) => Build(one, index, ids, triggers)).ToList();
        return new RetentionSchedule(options, zone, kinds, classes.DistinctBy(one => one.Id));
    }

    private TimeZoneInfo Zone()
    {
        if (options.TimeZone.Length == 0)
        {
            Fault("timeZone", "is missing: say whose calendar counts, as \"Europe/London\"");
        }
        else if (TimeZoneInfo.TryFindSystemTimeZoneById(options.TimeZone, out var zone))
        {
            return zone;
        }
        else
        {
            Fault("timeZone", $"is \"{options.TimeZone}\", which is no time zone that this machine knows; one is \"Europe/London\"");
        }

        return TimeZoneInfo.Utc;
    }

    private List<EventKind> Kinds()
    {
        List<EventKind> kinds = [.. EventKind.BuiltIn];
        for (int index = 0; index < options.Events.Count; index++)
        {
            var declared = options.Events[index];
            string path = $"events[{index}].kind";
            if (declared.Kind.Length == 0)
            {
                Fault(path, "is missing");
            }
            else if (kinds.Exists(kind => string.Equals(kind.Name, declared.Kind, StringComparison.OrdinalIgnoreCase)))
            {
                Fault(path, $"is \"{declared.Kind}\", which there is already");
            }
            else
            {
                kinds.Add(new EventKind(
                    declared.Kind, declared.Once, OfPatients: declared.Of != EventSubjects.Case, OfCases: declared.Of != EventSubjects.Patient));
            }
        }

        return kinds;
    }

    private RetentionClass Build(RetentionClassOptions one, int index, Dictionary<string, int> ids, TriggerNames triggers)
    {
        string path = $"classes[{index}]";
        CheckId(one, index, ids);
        if (string.IsNullOrWhiteSpace(one.Title))
        {
            Fault($"{path}.title", "is missing");
        }

        if (string.IsNullOrWhiteSpace(one.Mandate))
        {
            Fault($"{path}.mandate", "is missing: the law, rule or decision that asks for it, in words");
        }

        return new RetentionClass(one.Id, one.Title, one.Mandate, one.Action, one.Expression) { Expression = Read(one, $"{path}.expression", triggers) };
    }

    private void CheckId(RetentionClassOptions one, int index, Dictionary<string, int> ids)
    {
        string path = $"classes[{index}].id";
        if (one.Id.Length == 0)
        {
            Fault(path, "is missing: the record class");
        }
        else if (!ids.TryAdd(one.Id, index))
        {
            Fault(path, $"is \"{one.Id}\", which classes[{ids[one.Id]}] has already: a class has one schedule");
        }
        else if (!one.GivenElsewhere && knownClasses?.Contains(one.Id) == false)
        {
            Fault(
                path,
                $"is \"{one.Id}\", which no rule and no profile gives; write \"givenElsewhere\": true where sidecars or people do."
                + NearestWords.Hint(one.Id, knownClasses));
        }
    }

    private Expression? Read(RetentionClassOptions one, string path, TriggerNames triggers)
    {
        if (one.Action == RetentionAction.Permanent)
        {
            if (one.Expression is not null)
            {
                Fault(path, "goes with no action \"permanent\": such records are never due");
            }

            return null;
        }

        if (string.IsNullOrWhiteSpace(one.Expression))
        {
            Fault(path, "is missing: until when records are kept, as \"lastEncounter+8y\"");
            return null;
        }

        var read = ExpressionReader.Read(one.Expression, triggers, out string? fault);
        if (fault is not null)
        {
            Fault(path, fault);
        }

        return read;
    }

    private void Fault(string path, string message) => _faults.Add(new ScheduleFault(path, message));
}
