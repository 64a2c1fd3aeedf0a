using System.ComponentModel.DataAnnotations;

namespace DocIngest.Worker.Configuration;

/// <summary>A command that the service runs by itself, at the times of a schedule.</summary>
public sealed class JobOptions
{
    /// <summary>What it is called: in <c>job list</c>, in <c>status</c>, in alarms and in the audit. No two have the same.</summary>
    [RegularExpression("[a-z0-9][a-z0-9-]{0,59}")]
    public string Name { get; set; } = "";

    /// <summary>
    /// The command, word by word, for example <c>["backup", "run"]</c> or <c>["drill", "run", "--full"]</c>. One of <c>archive copy</c>, <c>archive protect</c>,
    /// <c>archive validate</c>, <c>archive verify</c>, <c>audit verify</c>, <c>backup check</c>, <c>backup forget</c>, <c>backup prune</c>, <c>backup run</c>, <c>backup verify</c>, <c>catalog maintain</c>,
    /// <c>drill run</c>, <c>ocr</c>, <c>retention plan</c>. Data folder and configuration are those of the service.
    /// </summary>
    [MinLength(1)]
    public IReadOnlyList<string> Run { get; set; } = [];

    /// <summary>When: five fields as in crontab (minute, hour, day of the month, month, day of the week), or <c>@hourly</c>, <c>@daily</c>, <c>@weekly</c>, <c>@monthly</c>.</summary>
    [MinLength(1)]
    public string Cron { get; set; } = "";

    /// <summary>The time zone of the schedule, for example <c>Europe/Berlin</c>. Default: that of this machine.</summary>
    [MinLength(1)]
    public string? TimeZone { get; set; }

    /// <summary>
    /// What becomes of times at which the service was off: one run, soon after it starts (<c>runOnce</c>), or none until the next time (<c>skip</c>). A run that was stopped or
    /// died is made up for likewise. Default <c>runOnce</c>.
    /// </summary>
    public MissedRuns OnMissed { get; set; } = MissedRuns.RunOnce;

    /// <summary>Up to how much later than planned it begins, by chance, so that many machines do not ask one store at once. Default 0; up to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan Jitter { get; set; }

    /// <summary>
    /// How long after a planned time a run must have gone well: else the job is overdue, and an alarm. Default 12 hours, or two rounds of the schedule where those are shorter, and the jitter;
    /// 1 minute to 366 days.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "366.00:00:00")]
    public TimeSpan? OverdueAfter { get; set; }
}

/// <summary>What becomes of planned times at which the service was off.</summary>
public enum MissedRuns
{
    /// <summary>One run makes up for all of them.</summary>
    RunOnce,

    /// <summary>They pass.</summary>
    Skip,
}
