namespace DocIngest.Pipeline.Holds;

/// <summary>How a change of the register ended. Closed: only the cases below exist.</summary>
public abstract record HoldOutcome
{
    private HoldOutcome()
    {
    }

    /// <summary>It was changed.</summary>
    public sealed record Changed(Hold Hold) : HoldOutcome;

    /// <summary>It was not, for a reason that is a sentence for whoever asked.</summary>
    public sealed record Refused(string Why) : HoldOutcome;

    /// <summary>There is no such hold.</summary>
    public sealed record Absent : HoldOutcome;
}
