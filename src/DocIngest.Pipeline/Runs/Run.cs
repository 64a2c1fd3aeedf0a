namespace DocIngest.Pipeline.Runs;

/// <summary>A run of a job, at work or ended.</summary>
/// <param name="Number">From 1, without gaps: every run that began has one.</param>
/// <param name="Job">What ran, for example <c>drill</c>.</param>
/// <param name="Trigger">A word of <see cref="RunTrigger"/>.</param>
/// <param name="Account">Who ran it.</param>
/// <param name="StartedAt">When it began, UTC.</param>
/// <param name="AuditSeq">Number of the entry of the audit with which it began.</param>
/// <param name="AuditHash">Hash of that entry, in hexadecimal.</param>
/// <param name="EndedAt">When it ended, UTC; null while it is at work, or where its process died and nobody has noticed yet.</param>
/// <param name="Result">What came of it; null as <paramref name="EndedAt"/>.</param>
/// <param name="Report">The report that it made; null where it made none.</param>
public sealed record Run(
    long Number, string Job, string Trigger, string Account, DateTimeOffset StartedAt, long AuditSeq, string AuditHash, DateTimeOffset? EndedAt, string? Result, Guid? Report);

/// <summary>What began a run.</summary>
public static class RunTrigger
{
    /// <summary>A person.</summary>
    public const string Command = "command";

    /// <summary>The service, by its schedule.</summary>
    public const string Schedule = "schedule";
}

/// <summary>What came of a run that made no report. With a report, it is the report's.</summary>
public static class RunResult
{
    /// <summary>It was not carried through, or its process died.</summary>
    public const string Aborted = "aborted";
}
