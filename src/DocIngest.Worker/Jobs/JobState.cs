using DocIngest.Pipeline.Runs;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.Jobs;

/// <summary>How a job stands.</summary>
/// <param name="Job">Which.</param>
/// <param name="Next">When it is planned next; null for never again.</param>
/// <param name="Last">Its last run that has ended; null for none.</param>
/// <param name="AtWork">Its run that has not ended; null for none.</param>
/// <param name="LastWell">Its last run that went well; null for none.</param>
/// <param name="Planned">The first planned time since that run (since the service knows the job, where there is none) that lies behind; null for none.</param>
/// <param name="Overdue">When it became overdue; null where it is not.</param>
internal sealed record JobState(JobOptions Job, DateTimeOffset? Next, Run? Last, Run? AtWork, Run? LastWell, DateTimeOffset? Planned, DateTimeOffset? Overdue)
{
    private static readonly TimeSpan MostDefault = TimeSpan.FromHours(12);

    /// <summary>Whether its last run was not well. One that was told to stop says nothing.</summary>
    public bool IsFailing => Last is { IsWell: false, Result: not RunResult.Cancelled };

    /// <summary>In one word: <c>overdue</c>, <c>failing</c>, <c>running</c>, <c>ok</c>, or <c>waiting</c> where it has not run yet.</summary>
    public string Word => this switch
    {
        { Overdue: not null } => "overdue",
        { IsFailing: true } => "failing",
        { AtWork: not null } => "running",
        { Last: not null } => "ok",
        _ => "waiting",
    };

    /// <summary>Works out how a job stands.</summary>
    /// <param name="job">Which.</param>
    /// <param name="since">Since when the service knows it; null where it has not run since.</param>
    /// <param name="newest">Its last two runs, newest first.</param>
    /// <param name="well">Its last run that went well; null for none.</param>
    /// <param name="now">The time.</param>
    public static JobState Of(JobOptions job, DateTimeOffset? since, IReadOnlyList<Run> newest, Run? well, DateTimeOffset now)
    {
        var schedule = ScheduleOf(job);
        var planned = (well?.StartedAt ?? since) is { } from && schedule.Next(from) is { } next && next <= now ? next : (DateTimeOffset?)null;
        var overdue = planned is { } missed && missed + Grace(job, schedule, missed) is var end && end <= now ? end : (DateTimeOffset?)null;
        return new JobState(job, schedule.Next(now), newest.FirstOrDefault(run => run.EndedAt is not null), newest.FirstOrDefault(run => run.EndedAt is null), well, planned, overdue);
    }

    /// <summary>Whether planned times passed without a run that came to its end.</summary>
    /// <param name="job">Which.</param>
    /// <param name="since">Since when the service knows it.</param>
    /// <param name="lastThrough">Its last run that was neither stopped nor died; null for none.</param>
    /// <param name="now">The time.</param>
    public static bool IsMissed(JobOptions job, DateTimeOffset since, Run? lastThrough, DateTimeOffset now) =>
        ScheduleOf(job).Next(lastThrough?.StartedAt ?? since) is { } planned && planned <= now;

    /// <summary>When it is planned.</summary>
    public static JobSchedule ScheduleOf(JobOptions job) => new(job.Cron, job.TimeZone is { } zone ? TimeZoneInfo.FindSystemTimeZoneById(zone) : null);

    private static TimeSpan Grace(JobOptions job, JobSchedule schedule, DateTimeOffset planned)
    {
        if (job.OverdueAfter is { } chosen)
        {
            return chosen;
        }

        var twoRounds = schedule.Next(planned) is { } next ? 2 * (next - planned) : MostDefault;
        return twoRounds < MostDefault ? twoRounds : MostDefault;
    }
}
