using DocIngest.Pipeline;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Audit.Signing;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Disposition;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Retention;
using DocIngest.Pipeline.Revisions;
using DocIngest.Worker.CommandLine;
using DocIngest.Worker.Recovering;
using Microsoft.Extensions.Logging;

namespace DocIngest.Worker.Hosting;

/// <summary>A session of the pipeline with its workers, log and locks, for as long as a command runs.</summary>
internal sealed class IngestHost : IAsyncDisposable
{
    private readonly ServiceLog _log;
    private readonly ExtractionWorkerPool _pool;
    private readonly IngestEnvironment _environment;

    private IngestHost(ServiceLog log, ExtractionWorkerPool pool, IngestEnvironment environment)
    {
        _log = log;
        _pool = pool;
        _environment = environment;
        Session = new IngestSession(environment);
        Logger = log.Factory.CreateLogger("DocIngest");
    }

    public IngestSession Session { get; }

    /// <summary>Reads archived records again.</summary>
    public LaterReading Reading => new(_environment);

    /// <summary>Takes decisions of people about records.</summary>
    public RecordSettling Settling => new(_environment);

    /// <summary>Destroys again what a restored archive brought back.</summary>
    public LedgerReplay Replay => new(_environment);

    /// <summary>Carries out what was approved.</summary>
    public DispositionExecution ExecutionOf(RetentionSchedule schedule, ICopiesOfRecords copies) => new(_environment, schedule, copies, $"docingest {ThisProgram.Version}");

    /// <summary>Moves records to the patient or case that they belong to.</summary>
    public RecordReassigning Reassigning => new(_environment);

    /// <summary>Divides records that hold several documents.</summary>
    public RecordSplitting Splitting => new(_environment);

    /// <summary>Lets another key sign the days of the audit.</summary>
    public AuditKeyRotation KeyRotation => new(_environment);

    public ILogger Logger { get; }

    /// <summary>Where this process records what it does.</summary>
    public AuditTrail Audit => _environment.Audit;

    /// <summary>Starts workers and enters this process among those of the data folder.</summary>
    /// <param name="workspace">The data folder.</param>
    /// <param name="classifier">What documents are.</param>
    /// <param name="schedule">The retention schedule, which says what events sidecars may bring; asked where one does.</param>
    /// <param name="consoleLevel">Log lines from this level on go to standard error too; null for none.</param>
    /// <param name="cancellation">Ends the start.</param>
    /// <param name="isService">Whether it acts of its own accord, not for the person who typed a command.</param>
    /// <exception cref="CommandException">This account may only read (exit 6), or a recovery of the data folder has not come to its end (exit 4). Nothing changed.</exception>
    public static async Task<IngestHost> StartAsync(Workspace workspace, Classifier classifier, Func<RetentionSchedule> schedule, LogLevel? consoleLevel, CancellationToken cancellation, bool isService = false)
    {
        if (workspace.Database.IsReadOnly)
        {
            throw new CommandException(ExitCode.EnvironmentFailed, Workspace.MayOnlyRead);
        }

        RecoveryGate.DemandRestored(workspace.Data);
        var log = new ServiceLog(workspace.DataPath, workspace.Options.Logging, consoleLevel);
        var logger = log.Factory.CreateLogger("DocIngest.Pipeline");
        var options = ExtractionOptionsOf(workspace);
        var pool = new ExtractionWorkerPool(options, workspace.Time, log.Factory.CreateLogger<ExtractionWorkerPool>());
        var environment = await workspace.CreateEnvironmentAsync(pool, options.WorkerCount, classifier, schedule, isService, logger, cancellation);
        return new IngestHost(log, pool, environment);
    }

    /// <summary>How documents of a data folder are read.</summary>
    public static ExtractionOptions ExtractionOptionsOf(Workspace workspace) => workspace.Options.Extraction.ToExtractionOptions(
        ThisProgram.Executable, [.. ThisProgram.LeadingArguments, ExtractWorkerCommand.Name],
        [Path.Combine(workspace.DataPath, DataFolder.Staging)],
        Path.Combine(workspace.DataPath, DataFolder.Scratch));

    public async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync();
        _environment.Audit.Dispose();
        _environment.Instances.Dispose();
        _log.Dispose();
    }
}
