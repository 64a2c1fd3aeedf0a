using System.CommandLine;
using DocIngest.Assurance.Runs;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Runs;
using DocIngest.Storage;
using DocIngest.Worker.Alarms;
using DocIngest.Worker.Backups;
using DocIngest.Worker.Hosting;
using DocIngest.Worker.Jobs;
using DocIngest.Worker.Recovering;
using Microsoft.Extensions.Logging;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>run</c></summary>
internal static class RunCommand
{
    internal const string ServiceLock = "service";

    // 'status' holds this lock for a moment to see whether a service runs: wait that long.
    private static readonly TimeSpan StatusHoldsFor = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan JobsAgainAfter = TimeSpan.FromMinutes(1);

    public static Command Create(CommandFactory commands) => commands.Create(
        "run", "Run the service in the foreground: watch the drop folders until stopped.", RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        try
        {
            await ServeAsync(context);
        }
        catch (OperationCanceledException) when (context.Cancellation.IsCancellationRequested)
        {
            // Being stopped is how a service ends well, while it starts too.
        }

        return ExitCode.Done;
    }

    private static async Task ServeAsync(CommandContext context)
    {
        var options = context.LoadConfig();
        var classifier = context.LoadClassifier(options);   // faulty ones: nothing is started or made
        var schedule = context.ScheduleForIntake(options);
        using var workspace = Workspace.OpenOrCreate(context.DataPath, options);
        RecoveryGate.DemandRestored(workspace.Data);
        using var held = await AcquireAsync(workspace, context.Cancellation);
        await workspace.MakeKeysAsync(context.Cancellation);
        await using var host = await IngestHost.StartAsync(workspace, classifier, schedule, context.Output.IsQuiet ? LogLevel.Error : LogLevel.Trace, context.Cancellation, isService: true);
        var origin = host.Audit.Origin;
        var loaded = LoadedConfiguration.EventOf(origin, context.ConfigPath, options);
        await host.Audit.AppendAsync(
            [
                origin.Event(AuditType.Service, "start", AuditAction.Execute),
                loaded,
            ],
            context.Cancellation);
        host.Logger.ServiceStarted(ThisProgram.Version, workspace.DataPath, workspace.Options.Intake.Profiles.Count);
        foreach (var profile in workspace.Options.Intake.Profiles)
        {
            string folder = Path.GetFullPath(profile.Folder, workspace.DataPath);
            host.Logger.DropFolderWatched(profile.Name, folder);
        }

        using var watching = CancellationTokenSource.CreateLinkedTokenSource(context.Cancellation);
        var asking = AfterStartAsync(workspace, host, loaded, context.NamedConfig, watching.Token);
        var protecting = workspace.ProtectionOf(workspace.OpenArchive(), () => context.LoadSchedule(options), host.Logger)?.RunAsync(watching.Token) ?? Task.CompletedTask;
        var alarming = new AlarmService(workspace, host.Logger).RunAsync(watching.Token);
        try
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.Cancellation, workspace.Archive.Lost);
            await host.Session.WatchAsync(stop.Token);
        }
        catch (OperationCanceledException) when (workspace.Archive.Lost.IsCancellationRequested)
        {
            host.Logger.ServiceFailed("another installation has taken over the archive");
            throw new CommandException(ExitCode.Busy, $"Another installation has taken over the archive {workspace.Archive.Location}. This service has stopped; what it had not filed lies in its drop folders still.");
        }
        catch (OperationCanceledException) when (context.Cancellation.IsCancellationRequested)
        {
            await host.Audit.AppendAsync([origin.Event(AuditType.Service, "stop", AuditAction.Execute)], CancellationToken.None);
            host.Logger.ServiceStopped();
        }
        catch (Exception error)
        {
            string errorTrace = ErrorTrace.Of(error);
            host.Logger.ServiceFailed(errorTrace);
            throw;
        }
        finally
        {
            await watching.CancelAsync();
            await asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);   // it ends by being cancelled
            await protecting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);   // likewise
            await alarming.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);   // likewise
        }
    }

    // Beside intake, which does not wait for it.
    private static async Task AfterStartAsync(Workspace workspace, IngestHost host, AuditEvent loaded, string? namedConfig, CancellationToken stopping)
    {
        await Task.Yield();
        try
        {
            await LoadedConfiguration.NoteChangeAsync(workspace.Data, host.Audit, loaded, stopping);
        }
#pragma warning disable CA1031 // The edge of a job (STYLE 5): what follows must not end with it.
        catch (Exception error) when (!(error is OperationCanceledException && stopping.IsCancellationRequested))
#pragma warning restore CA1031
        {
            host.Logger.ConfigurationNotCompared(error.GetType().Name);   // the entry of this start has all that was loaded
        }

        await SettleRunsAsync(workspace, host, stopping);
        await Task.WhenAll(
            new RollbackWatch(new RollbackGuard(workspace, host.Audit, host.Logger), workspace.Time, host.Logger).RunAsync(stopping),
            RunJobsAsync(workspace, host, namedConfig, stopping));
    }

    private static async Task RunJobsAsync(Workspace workspace, IngestHost host, string? namedConfig, CancellationToken stopping)
    {
        var jobs = workspace.Options.Jobs;
        var runner = new JobRunner(workspace, host.Audit, namedConfig, host.Logger);
        var alarms = new JobAlarms(workspace.Database, runner.Runs, workspace.Time);
        await Task.WhenAll(alarms.WatchAsync(jobs, host.Logger, stopping), ServeJobsAsync(workspace, host, runner, stopping));
    }

    private static async Task ServeJobsAsync(Workspace workspace, IngestHost host, JobRunner runner, CancellationToken stopping)
    {
        var jobs = workspace.Options.Jobs;
        using var service = new JobService(
            jobs, (job, token) => runner.RunAsync(job, RunTrigger.Schedule, asJson: false, token),
            job => JobState.IsMissed(job, runner.Runs.Known()[job.Name].Since, runner.Runs.LastThrough(job.Name), workspace.Time.GetUtcNow()), workspace.Time, host.Logger);
        while (true)
        {
            try
            {
                await runner.Runs.KnowAsync(jobs.ToDictionary(job => job.Name, JobState.PlanOf), stopping);
                await service.RunAsync(stopping);
                return;
            }
#pragma warning disable CA1031 // The edge of a job (STYLE 5): scanning goes on, and it is tried again.
            catch (Exception error) when (!(error is OperationCanceledException && stopping.IsCancellationRequested))
#pragma warning restore CA1031
            {
                host.Logger.JobsNotStarted(error is StorageException ? error.Message : error.GetType().Name);
            }

            await Task.Delay(JobsAgainAfter, workspace.Time, stopping);
        }
    }

    private static async Task SettleRunsAsync(Workspace workspace, IngestHost host, CancellationToken stopping)
    {
        try
        {
            RunFolder.TryRemoveLeft(workspace.Data, workspace.Locks);
            await new RunRegister(workspace.Data, workspace.Locks, host.Audit, workspace.Database, workspace.Time).SettleAsync(stopping);
        }
#pragma warning disable CA1031 // The edge of a job (STYLE 5): what follows must not end with it; the next run, or the next start, does it.
        catch (Exception error) when (!(error is OperationCanceledException && stopping.IsCancellationRequested))
#pragma warning restore CA1031
        {
            host.Logger.RunsNotSettled(error is StorageException ? error.Message : error.GetType().Name);
        }
    }

    private static async Task<IDisposable> AcquireAsync(Workspace workspace, CancellationToken cancellation)
    {
        try
        {
            return await workspace.Locks.AcquireAsync(ServiceLock, StatusHoldsFor, cancellation);
        }
        catch (LockHeldException)
        {
            throw new CommandException(ExitCode.Busy, $"Another service is running on {workspace.DataPath}.");
        }
    }
}
