using System.CommandLine;
using DocIngest.Assurance.Drills;
using DocIngest.Assurance.Reports;
using DocIngest.Assurance.Sampling;
using DocIngest.Backup;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Extraction;
using DocIngest.Worker.Backups;
using DocIngest.Worker.CommandLine.Backups;
using DocIngest.Worker.Configuration;
using DocIngest.Worker.Hosting;
using DocIngest.Worker.Jobs;
using Microsoft.Extensions.Logging.Abstractions;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>drill run</c>: shows that backups can be restored.</summary>
internal static class DrillCommands
{
    public static Command Create(CommandFactory commands)
    {
        var repository = new RepositoryOptions();
        var drill = CommandFactory.Group("drill", "Restore drills: whether backups bring records back.", CreateRun(commands, repository));
        repository.AddTo(drill);
        return drill;
    }

    private static Command CreateRun(CommandFactory commands, RepositoryOptions repository)
    {
        var full = new Option<bool>("--full") { Description = "Restore everything, and make the catalog from it. Needs as much space as the archive." };
        var nonce = new Option<string?>("--nonce")
        {
            Description = "What the auditor names just before, so that nobody else chooses the sample: up to 128 of A-Z, a-z, 0-9, dot, underscore, hyphen.", HelpName = "N",
        };
        return commands.Create(
            "run", "Restore a random sample of records (or all) from the newest backup into an empty folder, compare it with what was taken in, open documents, and file a signed report.",
            context => RunAsync(context, repository, context.Get(full), context.Get(nonce)), full, nonce);
    }

    private static async Task<int> RunAsync(CommandContext context, RepositoryOptions repository, bool isFull, string? nonce)
    {
        Demand(nonce);
        using var workspace = context.OpenExisting();
        if (workspace.Database.IsReadOnly)
        {
            throw new CommandException(ExitCode.EnvironmentFailed, Workspace.MayOnlyRead);
        }

        var archive = await workspace.OpenOrCreateArchiveAsync(context.Cancellation);
        using var access = repository.Resolve(context);
        if (access.ArchiveElsewhere is { } elsewhere)
        {
            throw new CommandException(ExitCode.Usage, $"The archive is in {elsewhere} and not in backups: there is nothing to restore it from. 'archive copy' and 'archive validate' show what a copy is worth.");
        }

        await AuditedActs.DrainAsync(workspace, context.Cancellation);   // what was filed must be in the audit before it says what there must be
        var scene = SceneOf(context, workspace, archive, access);
        var order = OrderOf(workspace.Options.Assurance) with { IsFull = isFull, Nonce = nonce, Run = JobProcess.RunOfThisProcess, ReserveBytes = workspace.Options.Intake.FreeSpaceReserveBytes };
        var (report, error) = await new RestoreDrill(scene).RunAsync(order, context.Cancellation);
        Tell(context.Output, report);
        context.Cancellation.ThrowIfCancellationRequested();
        return ExitCodeOf(report.Report.Result, error);
    }

    private static void Demand(string? nonce)
    {
        try
        {
            _ = nonce is null ? null : new SampleSeed(nonce, new string('0', 64));
        }
        catch (ArgumentException error)
        {
            throw new CommandException(ExitCode.Usage, error.Message.Split(" (Parameter", StringSplitOptions.None)[0]);
        }
    }

    /// <summary>A drill that was not green needs a person: findings are no success.</summary>
    private static int ExitCodeOf(ReportResult result, Exception? error) => result switch
    {
        ReportResult.Aborted when error is BackupException backup => CommandErrors.ExitCodeOf(backup),
        ReportResult.Aborted when error is DrillRefusedException { InnerException: CommandException refused } => refused.ExitCode,
        ReportResult.Pass => ExitCode.Done,
        ReportResult.PassWithFindings or ReportResult.Fail => ExitCode.Findings,
        ReportResult.Aborted => ExitCode.EnvironmentFailed,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static DrillOrder OrderOf(AssuranceOptions options) => new()
    {
        Confidence = options.ConfidencePercent / 100m,
        DefectRate = options.DefectPermille / 1000m,
        RpoObjective = options.Rpo > TimeSpan.Zero ? options.Rpo : null,
        RtoObjective = options.Rto > TimeSpan.Zero ? options.Rto : null,
        Organisation = options.Organisation,
        Policy = new ReportedPolicy(options.Policy.Id, options.Policy.Version, options.Policy.Title, [.. options.Policy.Frameworks]),
    };

    private static DrillScene SceneOf(CommandContext context, Workspace workspace, Archive.IArchive archive, RepositoryAccess access) => new()
    {
        Data = workspace.Data,
        DataPath = workspace.DataPath,
        Locks = workspace.Locks,
        Audit = workspace.Audit,
        Database = workspace.Database,
        Archive = archive,
        SystemObjects = workspace.SystemObjectsOf(archive),
        OpenKeys = workspace.OpenKeys,
        OpenFolder = workspace.MakePrivateFolder,
        OpenBackup = async cancellation => new OpenedBackup(
            await OpenAsync(access, cancellation), access.LockTerms, access.Location.DisplayName, access.HostName, KindOf(access.Location), access.IsByEscrow ? "escrow" : "configuration",
            access.IsInDataFolder ? "on the same disk as the archive: no backup" : ""),
        Readers = folder => ReadersOf(workspace, folder),
        OpenDatabase = SqliteDatabase.Open,
        Time = workspace.Time,
        Program = $"DocIngest {ThisProgram.Version}",
    };

    private static async Task<Repository> OpenAsync(RepositoryAccess access, CancellationToken cancellation)
    {
        try
        {
            return await access.OpenAsync(cancellation);
        }
        catch (CommandException refused)
        {
            throw new DrillRefusedException(refused.Message, refused);
        }
    }

    // No OCR: it is whether documents open that is asked.
    private static ExtractionWorkerPool ReadersOf(Workspace workspace, string folder)
    {
        var options = workspace.Options.Extraction.ToExtractionOptions(
            ThisProgram.Executable, [.. ThisProgram.LeadingArguments, ExtractWorkerCommand.Name], [RealPath.Of(folder)],
            Path.Combine(workspace.DataPath, DataFolder.Scratch));
        return new ExtractionWorkerPool(options with { Ocr = null, IsOcrOff = true, WorkerCount = 1 }, workspace.Time, NullLogger<ExtractionWorkerPool>.Instance);
    }

    private static string KindOf(RepositoryLocation location) => location switch
    {
        RepositoryLocation.Folder => "local",
        RepositoryLocation.Container => "azure",
        RepositoryLocation.Server => "rest",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static void Tell(CommandOutput output, SignedReport signed)
    {
        var report = signed.Report;
        output.Result(
            new
            {
                report.ReportId, Run = report.Run.Number, Kind = ReportWords.WordOf(report.Kind), Result = ReportWords.WordOf(report.Result), report.Run.Aborted,
                Bound = report.Bound?.Text, report.Rpo, report.Rto, report.Findings,
            },
            words => ReportText.Write(words, report));
    }
}
