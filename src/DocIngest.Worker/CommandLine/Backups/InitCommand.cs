using System.CommandLine;
using DocIngest.Pipeline.Audit;

namespace DocIngest.Worker.CommandLine.Backups;

/// <summary><c>backup init</c></summary>
internal static class InitCommand
{
    public static Command Create(CommandFactory commands, RepositoryOptions repository) => commands.Create(
        "init", "Make a new, empty repository.", context => RunAsync(context, repository));

    private static async Task<int> RunAsync(CommandContext context, RepositoryOptions repository)
    {
        using var access = repository.Resolve(context);
        if (access.IsByEscrow)
        {
            throw new CommandException(ExitCode.Usage, "A new repository draws a master key of its own: --escrow-key opens repositories that are there.");
        }

        using var made = await access.CreateAsync(context.Cancellation);
        await AuditedActs.NoteBackupAsync(context, "init", AuditAction.Create);
        context.Output.Result(
            new { Repository = access.Location.DisplayName, made.Config.Id, made.Config.Version, Key = made.KeyId?.ToString() },
            words => words.WriteLine($"Repository {made.Config.Id} made at {access.Location}."));
        BackupRemarks.OnSameDisk(context.Output, access);
        BackupRemarks.OnNewRepository(context.Output, access);
        return ExitCode.Done;
    }
}
