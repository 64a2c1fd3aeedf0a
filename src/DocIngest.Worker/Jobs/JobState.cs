using DocIngest.Pipeline.Runs;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.Jobs;

/// <summary>What is known of the runs of a job.</summary>
/// <param name="AtWork">The one that has not ended; null for none.</param>
/// <param name="Last">The last that has ended; null for none.</param>
/// <param name="Judged">The last that has ended and was not stopped, which says whether it is well; null for none.</param>
/// <param name="Well">The last that went well; null for none.</param>
internal sealed record JobRuns(Run? AtWork = null, Run? Last = null, Run? Judged = null, Run? Well = null);

/// <summary>How a job stands.</summary>
/// <param name="Job">Which.</param>
/// <param name="Runs">Its runs.</param>
/// <param name="Next">When it is planned next; null for never again.</param>
/// <param name="Planned">The first planned time after the last run that went well (since the service knows it by these times, where that is later) that lies behind; null for none.</param>
/// <param name="Overdue">When it became overdue; null where it is not.</param>
internal sealed record JobState(JobOptions Job, JobRuns Runs, DateTimeOffset? Next, DateTimeOffset? Planned, DateTimeOffset? Overdue)
{
    private static readonly TimeSpan MostDefault = TimeSpan.FromHours(12);

    /// <summary>Whether its last run was not well. One that was told to stop says nothing.</summary>
    public bool IsFailing => Runs.Judged is { IsWell: false };

    /// <summary>In one word: <c>overdue</c>, <c>failing</c>, <c>running</c>, <c>ok</c>, or <c>waiting</c> where it has not run yet.</summary>
    public string Word => this switch
    {
        { Overdue: not null } => "overdue",
        { IsFailing: true } => "failing",
        { Runs.AtWork: not null } => "running",
        { Runs.Last: not null } => "ok",
        _ => "waiting",
    };

    /// <summary>Works out how a job stands.</summary>
    /// <param name="job">Which.</param>
    /// <param name="since">Since when the service knows it by its times; null where it has not run since.</param>
    /// <param name="runs">Its runs.</param>
    /// <param name="now">The time.</param>
    public static JobState Of(JobOptions job, DateTimeOffset? since, JobRuns runs, DateTimeOffset now)
    {
        var schedule = ScheduleOf(job);
        var planned = since is { } known && schedule.Next(Later(runs.Well, known)) is { } next && next <= now ? next : (DateTimeOffset?)null;
        var overdue = planned is { } missed && missed + Grace(job, schedule, missed) is var end && end <= now ? end : (DateTimeOffset?)null;
        return new JobState(job, runs, schedule.Next(now), planned, overdue);
    }

    /// <summary>Whether planned times passed without a run that came to its end.</summary>
    /// <param name="job">Which.</param>
    /// <param name="since">Since when the service knows it by its times.</param>
    /// <param name="lastThrough">Its last run that was neither stopped nor died; null for none.</param>
    /// <param name="now">The time.</param>
    public static bool IsMissed(JobOptions job, DateTimeOffset since, Run? lastThrough, DateTimeOffset now) =>
        ScheduleOf(job).Next(Later(lastThrough, since)) is { } planned && planned <= now;

    /// <summary>When it is planned.</summary>
    public static JobSchedule ScheduleOf(JobOptions job) => new(job.Cron, job.TimeZone is { } zone ? TimeZoneInfo.FindSystemTimeZoneById(zone) : null);

    /// <summary>Its times as one text: where it changes, what was planned before is not asked for.</summary>
    public static string PlanOf(JobOptions job) => $"{job.Cron} {job.TimeZone ?? TimeZoneInfo.Local.Id}";

    // A run answers for the times that came while it worked.
    private static DateTimeOffset Later(Run? run, DateTimeOffset since) => (run?.EndedAt ?? run?.StartedAt) is { } until && until > since ? until : since;

    private static TimeSpan Grace(JobOptions job, JobSchedule schedule, DateTimeOffset planned)
    {
        if (job.OverdueAfter is { } chosen)
        {
            return chosen;
        }

        var twoRounds = schedule.Next(planned) is { } next ? 2 * (next - planned) : MostDefault;
        return (twoRounds < MostDefault ? twoRounds : MostDefault) + job.Jitter;
    }
}
