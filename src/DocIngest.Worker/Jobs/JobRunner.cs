using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Runs;
using DocIngest.Storage;
using DocIngest.Worker.CommandLine;
using DocIngest.Worker.Configuration;
using DocIngest.Worker.Hosting;
using Microsoft.Extensions.Logging;

namespace DocIngest.Worker.Jobs;

/// <summary>Runs jobs of the configuration: one run of a job at a time, whoever begins it, each with a number in the audit.</summary>
/// <param name="workspace">The data folder.</param>
/// <param name="audit">Where its runs are recorded.</param>
/// <param name="namedConfig">The configuration that was named; null for the one in the data folder.</param>
/// <param name="logger">Events 5011, 5012 and 5017.</param>
internal sealed class JobRunner(Workspace workspace, AuditTrail audit, string? namedConfig, ILogger logger)
{
    private readonly RunRegister _runs = new(workspace.Data, workspace.Locks, audit, workspace.Database, workspace.Time);

    /// <summary>The runs.</summary>
    public RunRegister Runs => _runs;

    /// <summary>Runs a job.</summary>
    /// <param name="job">Which.</param>
    /// <param name="trigger">A word of <see cref="RunTrigger"/>; a person's command writes to the terminal.</param>
    /// <param name="asJson">Whether its command prints JSON.</param>
    /// <param name="cancellation">Stops it: the run is recorded as cancelled.</param>
    /// <returns>The run as it ended, and the exit code of its command.</returns>
    /// <exception cref="JobAtWorkException">A run of it is at work. Nothing was begun.</exception>
    /// <exception cref="StorageException">The run cannot be recorded: nothing was begun, or the next run says that this one was aborted.</exception>
    public async Task<(Run Run, int ExitCode)> RunAsync(JobOptions job, string trigger, bool asJson, CancellationToken cancellation)
    {
        using var alone = workspace.Locks.TryAcquireTemporary($"job-{job.Name}") ?? throw new JobAtWorkException(job.Name);
        if (_runs.Scheduled(job.Name, 1) is [{ EndedAt: null } before] && _runs.IsAtWork(before.Number))
        {
            throw new JobAtWorkException(job.Name);   // what a killed service has left, for some seconds
        }

        using var run = await _runs.BeginAsync(JobCommand.JobOf(job.Run), trigger, job.Name, cancellation);
        logger.JobBegan(job.Name, run.Run.Number);
        var (exitCode, message) = await StartAsync(job, run.Run, asJson, cancellation);
        string result = JobCommand.ResultOf(exitCode);
        bool wasKilled = cancellation.IsCancellationRequested && result == RunResult.Failed;   // it took too long to stop
        var ended = await _runs.CloseAsync(run, wasKilled ? RunResult.Cancelled : result, message);
        Tell(job, ended);
        await new JobAlarms(workspace.Database, _runs, workspace.Time).UpdateAsync(job, CancellationToken.None);
        return (ended, exitCode);
    }

    private async Task<(int ExitCode, string? Message)> StartAsync(JobOptions job, Run run, bool asJson, CancellationToken cancellation)
    {
        try
        {
            return await JobProcess.RunAsync(job.Run, workspace.DataPath, namedConfig, run.Number, asJson, run.Trigger == RunTrigger.Command, cancellation);
        }
        catch (CommandException error)
        {
            return (error.ExitCode, error.Message);   // it began, and came to nothing
        }
    }

    private void Tell(JobOptions job, Run ended)
    {
        string result = ended.Result ?? RunResult.Aborted;
        if (ended.IsWell)
        {
            logger.JobEndedWell(job.Name, ended.Number, result);
        }
        else
        {
            logger.JobEndedNotWell(job.Name, ended.Number, result);
        }
    }
}

/// <summary>A run of a job is at work: another is not begun.</summary>
internal sealed class JobAtWorkException(string job) : Exception($"The job {job} is at work already.");
