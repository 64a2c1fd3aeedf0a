using System.Data.Common;
using System.Globalization;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Runs;
using DocIngest.Worker.Configuration;
using DocIngest.Worker.Hosting;
using Microsoft.Extensions.Logging;

namespace DocIngest.Worker.Jobs;

/// <summary>The alarms of jobs: one for a job whose last run was not well, one for a job that is overdue; ended by a run that is well, and for jobs that are no more.</summary>
/// <param name="database">Has the alarms.</param>
/// <param name="runs">The runs.</param>
/// <param name="time">The clock.</param>
internal sealed class JobAlarms(SqliteDatabase database, RunRegister runs, TimeProvider time)
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private static readonly AlarmKind[] Kinds = [AlarmKind.JobFailed, AlarmKind.JobOverdue];

    /// <summary>How jobs stand.</summary>
    /// <param name="jobs">Jobs of the configuration.</param>
    public IReadOnlyList<JobState> StatesOf(IReadOnlyList<JobOptions> jobs)
    {
        var now = time.GetUtcNow();
        var known = runs.Known();
        return [.. jobs.Select(job => JobState.Of(job, known.TryGetValue(job.Name, out var one) ? one.Since : null, RunsOf(job.Name), now))];
    }

    /// <summary>The alarms that are to stand of jobs, and since when.</summary>
    public static IReadOnlyList<(AlarmKind Kind, string Job, string Message, DateTimeOffset Since)> Due(IEnumerable<JobState> states) => [.. states.SelectMany(Of)];

    /// <summary>Raises and ends alarms of all jobs until they are as they are to be, and ends those of others. Writes only where something changes.</summary>
    /// <param name="jobs">The jobs of the configuration.</param>
    /// <param name="cancellation">Ends the wait for the ledger; nothing was changed then.</param>
    public Task UpdateAllAsync(IReadOnlyList<JobOptions> jobs, CancellationToken cancellation) => UpdateAsync(jobs, _ => true, cancellation);

    /// <summary>The same of one job: the configuration of a command may know others than that of the service.</summary>
    public Task UpdateAsync(JobOptions job, CancellationToken cancellation) => UpdateAsync([job], name => name == job.Name, cancellation);

    private async Task UpdateAsync(IReadOnlyList<JobOptions> jobs, Func<string, bool> isOurs, CancellationToken cancellation)
    {
        if (ChangesOf(jobs, isOurs) is not ([], []))
        {
            await database.WriteAsync((_, transaction) => Write(transaction, ChangesOf(jobs, isOurs)), cancellation);   // a run may have ended since
        }
    }

    private (List<(AlarmKind Kind, string Job, string Message)> Raised, List<(AlarmKind Kind, string Job)> Over) ChangesOf(IReadOnlyList<JobOptions> jobs, Func<string, bool> isOurs)
    {
        var due = Due(StatesOf(jobs));
        var standing = Standing().Where(one => isOurs(one.Job)).ToList();
        return (
            [.. due.Where(one => !standing.Contains((one.Kind.ToWord(), one.Job, one.Message))).Select(one => (one.Kind, one.Job, one.Message))],
            [
                .. Kinds.SelectMany(kind => standing.Where(one => one.Kind == kind.ToWord()).Select(one => (Kind: kind, one.Job)))
                    .Where(one => !due.Any(other => other.Kind == one.Kind && other.Job == one.Job)),
            ]);
    }

    private JobRuns RunsOf(string job)
    {
        var newest = runs.Scheduled(job, 2).Select(Settled).ToList();
        var judged = newest.FirstOrDefault(run => run is { EndedAt: not null, Result: not RunResult.Cancelled }) ?? runs.LastJudged(job);
        return new JobRuns(newest.FirstOrDefault(run => run.EndedAt is null), newest.FirstOrDefault(run => run.EndedAt is not null), judged, runs.LastWell(job));
    }

    // The service may be off since one died.
    private Run Settled(Run run) => run.EndedAt is null && !runs.IsAtWork(run.Number) ? run with { EndedAt = run.StartedAt, Result = RunResult.Aborted } : run;

    /// <summary>Brings them up to date from time to time, until stopped.</summary>
    /// <param name="jobs">The jobs of the configuration.</param>
    /// <param name="logger">Event 5015.</param>
    /// <param name="stopping">Ends it.</param>
    public async Task WatchAsync(IReadOnlyList<JobOptions> jobs, ILogger logger, CancellationToken stopping)
    {
        using var minute = new PeriodicTimer(Every, time);
        do
        {
            try
            {
                await UpdateAllAsync(jobs, stopping);
            }
#pragma warning disable CA1031 // The edge of a job (STYLE 5): the next look does it.
            catch (Exception error) when (!(error is OperationCanceledException && stopping.IsCancellationRequested))
#pragma warning restore CA1031
            {
                logger.JobAlarmsNotWritten(error.GetType().Name);
            }
        }
        while (await minute.WaitForNextTickAsync(stopping));
    }

    private bool Write(DbTransaction transaction, (List<(AlarmKind Kind, string Job, string Message)> Raised, List<(AlarmKind Kind, string Job)> Over) changes)
    {
        var now = time.GetUtcNow();
        changes.Raised.ForEach(one => AlarmTable.Raise(transaction, one.Kind, one.Job, one.Message, now));
        changes.Over.ForEach(one => AlarmTable.Resolve(transaction, one.Kind, one.Job, now));
        return true;
    }

    private List<(string Kind, string Job, string Message)> Standing()
    {
        using var connection = database.OpenReader();
        return [.. AlarmTable.Standing(connection).Select(alarm => (alarm.Kind, alarm.Subject, alarm.Message))];
    }

    private static IEnumerable<(AlarmKind Kind, string Job, string Message, DateTimeOffset Since)> Of(JobState state)
    {
        string job = state.Job.Name;
        if (state is { IsFailing: true, Runs.Judged: { } judged })
        {
            string message = string.Create(
                CultureInfo.InvariantCulture, $"Run {judged.Number} of the job ended with '{judged.Result}'. 'docingest job history {job}' says more; 'docingest job run {job}' tries it again.");
            yield return (AlarmKind.JobFailed, job, message, judged.EndedAt ?? judged.StartedAt);
        }

        if (state is { Overdue: { } since, Planned: { } planned })
        {
            string before = state.Runs.Well is { } well ? $"the last that went well began {well.StartedAt.UtcDateTime:yyyy-MM-dd HH:mm}Z" : "none ever went well";
            string message = $"No run has gone well since it was planned for {planned.UtcDateTime:yyyy-MM-dd HH:mm}Z; {before}. Is the service running? 'docingest job run {job}' makes up for it.";
            yield return (AlarmKind.JobOverdue, job, message, since);
        }
    }
}
