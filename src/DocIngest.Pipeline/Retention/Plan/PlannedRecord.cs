using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Retention;

/// <summary>Why and until when a record is kept, worked out anew from its class, its schedule and the events. Never stored: a trigger may move.</summary>
/// <param name="Id">The record.</param>
/// <param name="Version">Its head.</param>
/// <param name="RecordClass">Its class.</param>
/// <param name="Schedule">The schedule of its class; null where there is none.</param>
/// <param name="Triggers">The dates that its expression goes by; empty where it has none.</param>
/// <param name="Verdict">What follows.</param>
public sealed record PlannedRecord(
    RecordId Id, int Version, string RecordClass, RetentionClass? Schedule, IReadOnlyList<TriggerReading> Triggers, RetentionVerdict Verdict)
{
    /// <summary>The legal holds that cover it as the catalog knows it, such as <c>hold-1</c>. Whoever destroys asks the register, with all that the archive knows.</summary>
    public IReadOnlyList<string> Holds { get; init; } = [];
}

/// <summary>What follows for a record. Closed: only the cases below exist.</summary>
public abstract record RetentionVerdict
{
    private RetentionVerdict()
    {
    }

    /// <summary>It is kept until the end of <paramref name="Until"/>, a day that is not over.</summary>
    public sealed record NotDue(DateOnly Until) : RetentionVerdict;

    /// <summary>It was to be kept until the end of <paramref name="Until"/>, which is over.</summary>
    public sealed record Due(DateOnly Until) : RetentionVerdict;

    /// <summary>Nobody can say until when: it is kept, and a person should look.</summary>
    /// <param name="Reason">Every trigger that is wanting, in words without anything of a person.</param>
    public sealed record Kept(string Reason) : RetentionVerdict;

    /// <summary>It is kept for ever.</summary>
    public sealed record Permanent : RetentionVerdict;

    /// <summary>The schedule does not know its class: it is kept.</summary>
    public sealed record NoSchedule : RetentionVerdict;

    /// <summary>The last day it is kept; null where there is none.</summary>
    public DateOnly? DueDate => this switch
    {
        NotDue notDue => notDue.Until,
        Due due => due.Until,
        _ => null,
    };

    /// <summary>The first day on which it may go; null where there is none.</summary>
    public DateOnly? EligibleFrom => DueDate?.AddDays(1);

    /// <summary>In a word, for programs.</summary>
    public string Word => this switch
    {
        NotDue => "notDue",
        Due => "due",
        Kept => "kept",
        Permanent => "permanent",
        NoSchedule => "noSchedule",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}

/// <summary>A trigger as it is for a record.</summary>
/// <param name="Name">As the expression calls it.</param>
/// <param name="Date">Its date; null where there is none that can be trusted.</param>
/// <param name="Evidence">Where the date stands; null where there is none.</param>
/// <param name="Problem">Why there is no date, in words without anything of a person; null where there is one.</param>
/// <param name="IsContradicted">Whether what is known cannot be true: then nothing is worked out, not even without this trigger.</param>
public sealed record TriggerReading(string Name, DateOnly? Date, string? Evidence, string? Problem, bool IsContradicted = false);
