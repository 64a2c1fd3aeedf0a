namespace DocIngest.Pipeline.Retention;

/// <summary>Where a trigger's date comes from.</summary>
public enum TriggerSource
{
    /// <summary>Events of the patient.</summary>
    Patient,

    /// <summary>Events of the case.</summary>
    Case,

    /// <summary>The day the record was first taken in.</summary>
    Received,

    /// <summary>A field of the record.</summary>
    Field,
}

/// <summary>Which of several events counts.</summary>
public enum TriggerChoice
{
    /// <summary>There is one; two with different dates contradict each other.</summary>
    Only,

    /// <summary>The earliest.</summary>
    First,

    /// <summary>The latest.</summary>
    Last,
}

/// <summary>A date that an expression goes by.</summary>
/// <param name="Name">As the expression calls it, for example <c>lastEncounter</c>.</param>
/// <param name="Source">Where its date comes from.</param>
/// <param name="Kinds">Kinds of events that count; of a field, its name.</param>
/// <param name="Choice">Which of them.</param>
public sealed record Trigger(string Name, TriggerSource Source, IReadOnlyList<string> Kinds, TriggerChoice Choice)
{
    /// <summary>Whether a stay that has not ended leaves it open.</summary>
    public bool WaitsForStays => Choice == TriggerChoice.Last && (Kinds.Contains(EventKind.Discharge) || Kinds.Contains(EventKind.Encounter));

    /// <inheritdoc />
    public bool Equals(Trigger? other) => other is not null && other.Name == Name;

    /// <inheritdoc />
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
}
