namespace DocIngest.Pipeline.Disposition;

/// <summary>How a change of the register ended. Closed: only the cases below exist.</summary>
public abstract record DispositionOutcome
{
    private DispositionOutcome()
    {
    }

    /// <summary>It was changed.</summary>
    public sealed record Changed(Proposed Disposition) : DispositionOutcome;

    /// <summary>It was not, for a reason that is a sentence for whoever asked.</summary>
    public sealed record Refused(string Why) : DispositionOutcome;

    /// <summary>There is no such disposition.</summary>
    public sealed record Absent : DispositionOutcome;
}
