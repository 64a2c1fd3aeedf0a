using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Runs;
using DocIngest.Storage;
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
    /// <param name="cancellation">Stops it: the run is recorded as cancelled.</param>
    /// <returns>The run as it ended, and the exit code of its command.</returns>
    /// <exception cref="LockHeldException">A run of it is at work. Nothing was begun.</exception>
    /// <exception cref="StorageException">The run cannot be recorded: nothing was begun, or the next run says that this one was aborted.</exception>
    public async Task<(Run Run, int ExitCode)> RunAsync(JobOptions job, string trigger, CancellationToken cancellation)
    {
        using var alone = workspace.Locks.TryAcquireTemporary($"job-{job.Name}") ?? throw new LockHeldException($"The job {job.Name} is at work already.");
        using var run = await _runs.BeginAsync(JobCommand.JobOf(job.Run), trigger, job.Name, cancellation);
        logger.JobBegan(job.Name, run.Run.Number);
        var (exitCode, message) = await JobProcess.RunAsync(job.Run, workspace.DataPath, namedConfig, run.Run.Number, trigger == RunTrigger.Command, cancellation);
        var ended = await _runs.CloseAsync(run, JobCommand.ResultOf(exitCode), message);
        Tell(job, ended);
        await new JobAlarms(workspace.Database, _runs, workspace.Time).UpdateAsync(workspace.Options.Jobs, cancellation: CancellationToken.None);
        return (ended, exitCode);
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
