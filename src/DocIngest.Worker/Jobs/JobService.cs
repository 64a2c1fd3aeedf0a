using System.Security.Cryptography;
using DocIngest.Storage;
using DocIngest.Worker.CommandLine;
using DocIngest.Worker.Configuration;
using DocIngest.Worker.Hosting;
using Microsoft.Extensions.Logging;
using Quartz;
using Quartz.Extensibility;

namespace DocIngest.Worker.Jobs;

/// <summary>Runs jobs at their times, for as long as the service runs.</summary>
/// <param name="jobs">The jobs.</param>
/// <param name="run">Runs one.</param>
/// <param name="isMissed">Whether planned times of one have passed without a run.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Events 5013 and 5014.</param>
internal sealed class JobService(
    IReadOnlyList<JobOptions> jobs, Func<JobOptions, CancellationToken, Task> run, Func<JobOptions, bool> isMissed, TimeProvider time, ILogger logger) : IDisposable
{
    // A machine that starts has other things to do, and the archive to open.
    private static readonly TimeSpan MissedStartAfter = TimeSpan.FromSeconds(10);

    // A planned time that the scheduler sees so much later, since the machine slept or its clock was set, counts as missed.
    private static readonly TimeSpan LateIsMissed = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan LookAtClockEvery = TimeSpan.FromMinutes(1);

    private const string Missed = "missed";
    private const int MostAtOnce = 3;   // a long drill must not hold up the next backup

    private readonly SemaphoreSlim _places = new(MostAtOnce);

    /// <summary>Runs jobs until it is told to stop; then stops those at work.</summary>
    /// <exception cref="OperationCanceledException">It was told to stop, and nothing of it runs any more.</exception>
    public async Task RunAsync(CancellationToken stopping)
    {
        if (jobs.Count == 0)
        {
            return;
        }

        var scheduler = await QuartzSchedulerBuilder.Create(builder => builder
            .UseTimeProvider(time)
            .UseInMemoryStore(store => store.MisfireThreshold = LateIsMissed)
            .UseDefaultThreadPool(jobs.Count)   // who waits for a place, or by chance, is in nobody's way
            .UseJobFactory(new Factory(jobs.ToDictionary(job => job.Name, job => new ScheduledJob(this, job, logger, stopping))))).BuildScheduler(stopping);
        try
        {
            foreach (var job in jobs)
            {
                await scheduler.ScheduleJob(JobBuilder.Create<ScheduledJob>().WithIdentity(job.Name).Build(), TriggersOf(job), default, stopping);
            }

            await scheduler.Start(stopping);
            await WatchClockAsync(scheduler, stopping);
        }
        finally
        {
            await scheduler.Shutdown(waitForJobsToComplete: true, CancellationToken.None);   // they have been told to stop
        }
    }

    /// <inheritdoc />
    public void Dispose() => _places.Dispose();

    // The scheduler reckons the next time from the one before: after a clock that was ahead it would wait for years.
    private async Task WatchClockAsync(IScheduler scheduler, CancellationToken stopping)
    {
        var before = time.GetUtcNow();
        while (true)
        {
            await Task.Delay(LookAtClockEvery, time, stopping);
            var now = time.GetUtcNow();
            if (now < before)
            {
                foreach (var job in jobs)
                {
                    await scheduler.RescheduleJob(new TriggerKey(job.Name), PlannedOf(job), stopping);
                }
            }

            before = now;
        }
    }

    private ITrigger[] TriggersOf(JobOptions job)
    {
        var planned = PlannedOf(job);
        return job.OnMissed == MissedRuns.RunOnce && isMissed(job)
            ? [planned, TriggerBuilder.Create(time).WithIdentity(job.Name, Missed).StartAt(time.GetUtcNow() + MissedStartAfter).Build()]
            : [planned];
    }

    private ITrigger PlannedOf(JobOptions job) => TriggerBuilder.Create(time).WithIdentity(job.Name)
        .WithSchedule(CronScheduleBuilder.Create(JobState.ScheduleOf(job).Expression)
            .WithMisfireInstruction(job.OnMissed == MissedRuns.RunOnce ? CronTriggerMisfireInstruction.FireAndProceed : CronTriggerMisfireInstruction.DoNothing))
        .Build();

    private async Task RunAsync(JobOptions job, bool isMakingUp, CancellationToken stopping)
    {
        await Task.Delay(DelayOf(job), time, stopping);
        await _places.WaitAsync(stopping);
        try
        {
            if (!isMakingUp || isMissed(job))   // its time may have come since the service started
            {
                await run(job, stopping);
            }
        }
        finally
        {
            _places.Release();
        }
    }

    private static TimeSpan DelayOf(JobOptions job) => job.Jitter <= TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromSeconds(RandomNumberGenerator.GetInt32((int)job.Jitter.TotalSeconds + 1));

    [DisallowConcurrentExecution]
    private sealed class ScheduledJob(JobService service, JobOptions job, ILogger logger, CancellationToken stopping) : IJob
    {
        public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await service.RunAsync(job, context.Trigger.Key.Group == Missed, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                // The service stops; it had not begun.
            }
            catch (JobAtWorkException)
            {
                logger.JobAtWorkAlready(job.Name);
            }
#pragma warning disable CA1031 // The edge of a scheduled job (STYLE 5): the service goes on, and so do the other jobs.
            catch (Exception error)
#pragma warning restore CA1031
            {
                logger.JobNotRun(job.Name, error is StorageException or CommandException ? error.Message : error.GetType().Name);
            }
        }
    }

    private sealed class Factory(IReadOnlyDictionary<string, ScheduledJob> jobs) : IJobFactory
    {
        public ValueTask<JobScope> CreateJob(TriggerFiredBundle bundle, IScheduler scheduler, CancellationToken cancellationToken = default) =>
            new(new JobScope(jobs[bundle.JobDetail.Key.Name], null));

        public ValueTask ReturnJob(JobScope scope, CancellationToken cancellationToken = default) => default;
    }
}
