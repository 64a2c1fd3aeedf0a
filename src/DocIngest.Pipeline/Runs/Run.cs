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
/// <param name="Schedule">The job of the configuration that it was a run of; null where it was started without one.</param>
/// <param name="Message">What its program printed last, where the run was not well; null for nothing. Only the catalog has it.</param>
public sealed record Run(
    long Number, string Job, string Trigger, string Account, DateTimeOffset StartedAt, long AuditSeq, string AuditHash, DateTimeOffset? EndedAt, string? Result, Guid? Report,
    string? Schedule = null, string? Message = null)
{
    /// <summary>Whether it ended, and nothing of it needs a person.</summary>
    public bool IsWell => Result is RunResult.Done or RunResult.Pass;
}

/// <summary>What began a run.</summary>
public static class RunTrigger
{
    /// <summary>A person.</summary>
    public const string Command = "command";

    /// <summary>The service, by its schedule.</summary>
    public const string Schedule = "schedule";
}

/// <summary>What came of a run that made no report. With a report, it is the report's. The words are a promise: scripts and alarms go by them.</summary>
public static class RunResult
{
    /// <summary>It did what it was to do (exit code 0).</summary>
    public const string Done = "done";

    /// <summary>Its report passed.</summary>
    public const string Pass = "pass";

    /// <summary>It found damage, or a check failed (exit code 1).</summary>
    public const string Findings = "findings";

    /// <summary>It was not accepted: usage, configuration, wrong password (exit code 2).</summary>
    public const string Refused = "refused";

    /// <summary>Some of it was done (exit code 3).</summary>
    public const string Partial = "partial";

    /// <summary>Somebody else held what it needed (exit code 4).</summary>
    public const string Busy = "busy";

    /// <summary>What it needed is not there (exit code 5).</summary>
    public const string NotFound = "not-found";

    /// <summary>The surroundings failed (exit code 6, and every other one).</summary>
    public const string Failed = "failed";

    /// <summary>It was told to stop (exit code 130).</summary>
    public const string Cancelled = "cancelled";

    /// <summary>It was not carried through, or its process died.</summary>
    public const string Aborted = "aborted";
}

/// <summary>A job as the service found it in the configuration.</summary>
/// <param name="Plan">Its times, as the configuration has them.</param>
/// <param name="Since">Since when the service knows it by them.</param>
public sealed record KnownJob(string Plan, DateTimeOffset Since);
