using System.Data.Common;
using System.Globalization;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Runs;
using DocIngest.Worker.Configuration;
using DocIngest.Worker.Hosting;
using Microsoft.Data.Sqlite;
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

    /// <summary>The alarms that are to stand now.</summary>
    /// <param name="jobs">The jobs of the configuration.</param>
    public IReadOnlyList<(AlarmKind Kind, string Job, string Message)> Due(IReadOnlyList<JobOptions> jobs) => [.. StatesOf(jobs).SelectMany(Of)];

    /// <summary>How the jobs stand.</summary>
    /// <param name="jobs">The jobs of the configuration.</param>
    public IReadOnlyList<JobState> StatesOf(IReadOnlyList<JobOptions> jobs)
    {
        var now = time.GetUtcNow();
        var known = runs.Known();
        return [.. jobs.Select(job => JobState.Of(job, known.TryGetValue(job.Name, out var since) ? since : null, runs.Scheduled(job.Name, 2), runs.LastWell(job.Name), now))];
    }

    /// <summary>Raises and ends alarms until they are as they are to be. Writes only where something changes.</summary>
    /// <param name="jobs">The jobs of the configuration.</param>
    /// <param name="cancellation">Ends the wait for the ledger; nothing was changed then.</param>
    public async Task UpdateAsync(IReadOnlyList<JobOptions> jobs, CancellationToken cancellation)
    {
        var due = Due(jobs);
        var standing = Standing();
        var raised = due.Where(one => !standing.Contains((one.Kind.ToWord(), one.Job, one.Message))).ToList();
        var over = Kinds.SelectMany(kind => standing.Where(one => one.Kind == kind.ToWord()).Select(one => (Kind: kind, one.Job)))
            .Where(one => !due.Any(other => other.Kind == one.Kind && other.Job == one.Job)).ToList();
        if (raised.Count + over.Count == 0)
        {
            return;
        }

        await database.WriteAsync((_, transaction) => Write(transaction, raised, over), cancellation);
    }

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
                await UpdateAsync(jobs, stopping);
            }
            catch (SqliteException error)
            {
                logger.JobAlarmsNotWritten(error.GetType().Name);   // the next look does it
            }
        }
        while (await minute.WaitForNextTickAsync(stopping));
    }

    private bool Write(DbTransaction transaction, List<(AlarmKind Kind, string Job, string Message)> raised, List<(AlarmKind Kind, string Job)> over)
    {
        var now = time.GetUtcNow();
        raised.ForEach(one => AlarmTable.Raise(transaction, one.Kind, one.Job, one.Message, now));
        over.ForEach(one => AlarmTable.Resolve(transaction, one.Kind, one.Job, now));
        return true;
    }

    private List<(string Kind, string Job, string Message)> Standing()
    {
        using var connection = database.OpenReader();
        return [.. AlarmTable.Standing(connection).Select(alarm => (alarm.Kind, alarm.Subject, alarm.Message))];
    }

    private static IEnumerable<(AlarmKind Kind, string Job, string Message)> Of(JobState state)
    {
        string job = state.Job.Name;
        if (state is { IsFailing: true, Last: { } last })
        {
            yield return (AlarmKind.JobFailed, job, string.Create(
                CultureInfo.InvariantCulture, $"Run {last.Number} of the job ended with '{last.Result}'. 'docingest job history {job}' says more; 'docingest job run {job}' tries it again."));
        }

        if (state is { Overdue: not null, Planned: { } planned })
        {
            string before = state.LastWell is { } well ? $"the last that went well began {well.StartedAt.UtcDateTime:yyyy-MM-dd HH:mm}Z" : "none ever went well";
            yield return (AlarmKind.JobOverdue, job, $"No run has gone well since it was planned for {planned.UtcDateTime:yyyy-MM-dd HH:mm}Z; {before}. Is the service running? 'docingest job run {job}' makes up for it.");
        }
    }
}
