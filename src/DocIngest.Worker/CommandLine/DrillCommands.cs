using System.CommandLine;
using DocIngest.Assurance.Drills;
using DocIngest.Assurance.Sampling;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Extraction;
using DocIngest.Worker.Backups;
using DocIngest.Worker.CommandLine.Backups;
using DocIngest.Worker.Configuration;
using DocIngest.Worker.Hosting;
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
        var (report, error) = await new RestoreDrill(SceneOf(workspace, archive, access)).RunAsync(OrderOf(workspace, isFull, nonce), context.Cancellation);
        AssuredRuns.Tell(context.Output, report);
        context.Cancellation.ThrowIfCancellationRequested();
        return AssuredRuns.ExitCodeOf(report.Report.Result, error);
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

    private static DrillOrder OrderOf(Workspace workspace, bool isFull, string? nonce)
    {
        var options = workspace.Options.Assurance;
        return AssuredRuns.Describe(
            new DrillOrder
            {
                IsFull = isFull,
                Nonce = nonce,
                Confidence = options.ConfidencePercent / 100m,
                DefectRate = options.DefectPermille / 1000m,
                RpoObjective = options.Rpo > TimeSpan.Zero ? options.Rpo : null,
                RtoObjective = options.Rto > TimeSpan.Zero ? options.Rto : null,
            },
            workspace, RestoreDrill.Job);
    }

    private static DrillScene SceneOf(Workspace workspace, Archive.IArchive archive, RepositoryAccess access) =>
        new(AssuredRuns.SceneOf(workspace, archive, access), folder => ReadersOf(workspace, folder), SqliteDatabase.Open);

    // No OCR: it is whether documents open that is asked.
    private static ExtractionWorkerPool ReadersOf(Workspace workspace, string folder)
    {
        var options = workspace.Options.Extraction.ToExtractionOptions(
            ThisProgram.Executable, [.. ThisProgram.LeadingArguments, ExtractWorkerCommand.Name], [RealPath.Of(folder)],
            Path.Combine(workspace.DataPath, DataFolder.Scratch));
        return new ExtractionWorkerPool(options with { Ocr = null, IsOcrOff = true, WorkerCount = 1 }, workspace.Time, NullLogger<ExtractionWorkerPool>.Instance);
    }
}
