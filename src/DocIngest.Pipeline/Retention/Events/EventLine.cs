namespace DocIngest.Pipeline.Retention;

/// <summary>What is to be recorded of a patient, a case, or both.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Date">When; null takes <paramref name="Replaces"/> back.</param>
/// <param name="Replaces">The wrong date of the same kind that this corrects; null for most.</param>
/// <param name="Subjects">Whose it is; not empty.</param>
public sealed record EventLine(string Kind, DateOnly? Date, DateOnly? Replaces, IReadOnlyList<EventSubject> Subjects)
{
    /// <summary>Whether it is to hold although it was corrected or taken back before. Default false.</summary>
    public bool IsAgain { get; init; }
}

/// <summary>What became of it. Closed: only the cases below exist.</summary>
public abstract record EventOutcome
{
    private EventOutcome()
    {
    }

    /// <summary>It was recorded.</summary>
    public sealed record Added : EventOutcome;

    /// <summary>It was known. Nothing changed.</summary>
    public sealed record Known : EventOutcome;

    /// <summary>It was not recorded.</summary>
    /// <param name="Why">In words, without anything of a person.</param>
    public sealed record Refused(string Why) : EventOutcome;
}
