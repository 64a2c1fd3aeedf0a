namespace DocIngest.Archive.Validation;

/// <summary>How much a broken rule matters.</summary>
public enum FindingSeverity
{
    /// <summary>What was validated is no sound OCFL, or could not be shown to be.</summary>
    Error,

    /// <summary>Sound, and against a recommendation.</summary>
    Warning,
}

/// <summary>A rule that a storage root or object may break.</summary>
/// <param name="Code"><c>E0xx</c> and <c>W0xx</c> are OCFL's, <c>B0xx</c> our own.</param>
/// <param name="Severity">Whether breaking it makes the object invalid.</param>
/// <param name="Text">What the rule asks for.</param>
public sealed record ValidationRule(string Code, FindingSeverity Severity, string Text)
{
    /// <summary>Null where findings carry this code. Else why none does: which codes tell the same, or whose rule it is.</summary>
    public string? WhyNeverFound { get; internal init; }

    /// <summary>Whether it is the surroundings that failed: nothing is known to be damaged, and a retry may help.</summary>
    public bool IsOfSurroundings { get; internal init; }

    /// <summary>Where the specification says so; null for our own.</summary>
    public string? SpecLink => Code[0] == 'B' ? null : $"https://ocfl.io/1.1/spec/#{Code}";

    /// <inheritdoc />
    public override string ToString() => Code;
}
