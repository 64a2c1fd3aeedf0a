namespace DocIngest.Backup.Checks;

/// <summary>What a finding is about, and what to do. <c>docs/operations/backup-findings.md</c> lists all of them.</summary>
/// <param name="Code">For ever: scripts rely on it.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Means">What is wrong, in general.</param>
/// <param name="Advice">What to do.</param>
public sealed record FindingRule(string Code, FindingSeverity Severity, string Means, string Advice);

/// <summary>How bad a finding is.</summary>
public enum FindingSeverity
{
    /// <summary>Nothing is lost by it. To be tidied up when there is time.</summary>
    Hint,

    /// <summary>Something may be lost if nobody looks.</summary>
    Warning,

    /// <summary>Something cannot be restored as it was, or nobody knows whether it can.</summary>
    Error,
}
