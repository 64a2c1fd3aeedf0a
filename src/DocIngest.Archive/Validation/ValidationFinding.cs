namespace DocIngest.Archive.Validation;

/// <summary>One thing that is wrong.</summary>
/// <param name="Rule">The rule that is broken.</param>
/// <param name="ObjectId">The object's id, where one could be read. It comes from the object: escape it before showing it to a person.</param>
/// <param name="Path">Where, relative to what was validated, <c>""</c> for that itself; a name that is no UTF-8 as <see cref="Storage.RawName"/> carries it.
/// Escape it before showing it to a person.</param>
/// <param name="Message">What, for a person. What it quotes out of the object is shortened, and without control characters.</param>
public sealed record ValidationFinding(ValidationRule Rule, string? ObjectId, string Path, string Message)
{
    /// <summary>The rule's code.</summary>
    public string Code => Rule.Code;

    /// <summary>How much it matters.</summary>
    public FindingSeverity Severity => Rule.Severity;
}
