using System.CommandLine;
using DocIngest.Archive.Validation;
using DocIngest.Backup;
using DocIngest.Backup.Stores;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Audit;
using DocIngest.Storage;
using DocIngest.Worker.Archives;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>archive validate</c>, and the group of the other commands on the archive</summary>
internal static class ArchiveCommands
{
    public static Command Create(CommandFactory commands)
    {
        var path = new Argument<string?>("PATH")
        {
            Description = "A storage root or an object, of whatever program; azure:CONTAINER:/PREFIX for a storage root in Azure; the archive of the data folder where none is named.", Arity = ArgumentArity.ZeroOrOne,
        };
        var noFixity = new Option<bool>("--no-fixity")
        {
            Description = "Check structure only: no content is read, and damage in it stays unknown.",
        };
        return CommandFactory.Group(
            "archive", "The archive, and OCFL storage roots of others.",
            commands.Create(
                "validate",
                "Check a storage root or an object against every rule of OCFL 1.0 and 1.1. Nothing is written; ingest goes on meanwhile.",
                context => ValidateAsync(context, context.Get(path), !context.Get(noFixity)),
                path, noFixity),
            ArchiveCopyCommand.Create(commands),
            ArchiveVerifyCommand.Create(commands),
            ArchiveProtectCommand.Create(commands),
            ArchiveSettlingCommands.CreateRecover(commands),
            ArchiveSettlingCommands.CreateAdopt(commands));
    }

    private static async Task<int> ValidateAsync(CommandContext context, string? typed, bool checksFixity)
    {
        using var volumes = new LocalVolumes();
        var (what, validate) = SubjectOf(context, typed, volumes);
        var options = new ValidationOptions { ChecksFixity = checksFixity };
        var report = await ProgressBar.RunAsync(
            context.Output.ShowsProgress, "Validating", progress => validate(options, progress is null ? null : new Objects(progress)));
        if (typed is null)
        {
            await AuditedActs.NoteAsync(context, origin => origin.Event(AuditType.Archive, "validate", AuditAction.Execute) with
            {
                Outcome = report.IsValid ? AuditOutcome.Success : AuditOutcome.Failure,
            });
        }

        context.Output.Result(ValidationWords.AsJson(report), words => ValidationWords.Write(words, what, report));
        return report.IsValid ? ExitCode.Done
            : report.IsOnlyUnreadable ? ExitCode.EnvironmentFailed
            : ExitCode.Findings;
    }

    private static (string What, Func<ValidationOptions, IProgress<ValidationProgress>?, Task<ValidationReport>> Validate) SubjectOf(
        CommandContext context, string? typed, LocalVolumes volumes)
    {
        if (ContainerOf(context, typed) is { } container)
        {
            var store = AzureStores.Open(container.Name, container.Prefix);
            return (container.DisplayName, (options, progress) => OcflValidator.ValidateAsync(store, options, progress, context.Cancellation));
        }

        string path = typed is null ? Path.Combine(context.DataPath, DataFolder.Archive) : TypedPath.Absolute(typed, "PATH");
        DemandFolder(path);
        return (path, (options, progress) => OcflValidator.ValidateAsync(volumes.Open(path), options, progress, context.Cancellation));
    }

    private static RepositoryLocation.Container? ContainerOf(CommandContext context, string? typed) =>
        typed is null ? ConfiguredArchive.LocationOf(context.LoadConfig().Archive)
        : typed.StartsWith("azure:", StringComparison.Ordinal) ? ArchiveStores.Parse(typed, "PATH") as RepositoryLocation.Container
        : null;

    private static void DemandFolder(string path)
    {
        try
        {
            if (!File.GetAttributes(path).HasFlag(FileAttributes.Directory))   // Directory.Exists says false where it may not look
            {
                throw new CommandException(ExitCode.Usage, $"{TerminalText.OneLine(path)} is a file. Name the folder that is a storage root or an object.");
            }
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandException(ExitCode.NotFound, $"There is no folder {TerminalText.OneLine(path)}.");
        }
        catch (UnauthorizedAccessException)
        {
            throw Workspace.Forbidden(TerminalText.OneLine(path), "look into");
        }
    }

    private sealed class Objects(IProgress<WorkProgress> bar) : IProgress<ValidationProgress>
    {
        public void Report(ValidationProgress value) => bar.Report(new WorkProgress(value.Objects, AllItems: null, value.Bytes, AllBytes: null));
    }
}
