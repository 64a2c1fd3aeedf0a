using System.Text.RegularExpressions;

namespace DocIngest.Pipeline.Retention;

/// <summary>
/// The triggers that expressions may name. An event that happens once has its kind's name (<c>birth</c>); of others, the first and the last have one
/// (<c>lastDischarge</c>). Those of the case have <c>case.</c> before them, unless only cases have such events. <c>lastEncounter</c> counts admissions and
/// discharges too.
/// </summary>
internal sealed partial class TriggerNames
{
    private const string CasePrefix = "case.";
    private const string FieldPrefix = "field.";
    private const string Received = "received";

    private readonly Dictionary<string, Trigger> _events = [];

    public TriggerNames(IEnumerable<EventKind> kinds)
    {
        foreach (var kind in kinds)
        {
            Add(kind, SubjectKind.Patient, "");
            Add(kind, SubjectKind.Case, kind.OfPatients ? CasePrefix : "");
        }
    }

    /// <summary>All but those of fields.</summary>
    public IEnumerable<string> Known => _events.Keys.Append(Received);

    /// <summary>The trigger for ages and birthdays.</summary>
    public static Trigger Birth { get; } = new(EventKind.Birth, TriggerSource.Patient, [EventKind.Birth], TriggerChoice.Only);

    /// <summary>Null where there is none of this name.</summary>
    public Trigger? Find(string name) =>
        name == Received ? new Trigger(name, TriggerSource.Received, [], TriggerChoice.Only)
        : name.StartsWith(FieldPrefix, StringComparison.Ordinal) && FieldName().IsMatch(name[FieldPrefix.Length..])
            ? new Trigger(name, TriggerSource.Field, [name[FieldPrefix.Length..]], TriggerChoice.Only)
        : _events.GetValueOrDefault(name);

    private void Add(EventKind kind, SubjectKind subject, string prefix)
    {
        if (!kind.IsOf(subject))
        {
            return;
        }

        var source = subject == SubjectKind.Patient ? TriggerSource.Patient : TriggerSource.Case;
        string[] kinds = kind.Name == EventKind.Encounter ? [EventKind.Encounter, EventKind.Admission, EventKind.Discharge] : [kind.Name];
        string capital = char.ToUpperInvariant(kind.Name[0]) + kind.Name[1..];
        (string, TriggerChoice)[] names = kind.IsOnce
            ? [(kind.Name, TriggerChoice.Only)]
            : [($"first{capital}", TriggerChoice.First), ($"last{capital}", TriggerChoice.Last)];
        foreach (var (name, choice) in names)
        {
            _events.TryAdd(prefix + name, new Trigger(prefix + name, source, kinds, choice));
        }
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_.]{0,63}$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex FieldName();
}
