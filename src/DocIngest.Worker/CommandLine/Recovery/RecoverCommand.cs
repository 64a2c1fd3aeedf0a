using System.CommandLine;
using DocIngest.Assurance.Recovery;
using DocIngest.Backup.Repositories;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Recovering;
using DocIngest.Storage;
using DocIngest.Worker.Backups;
using DocIngest.Worker.CommandLine.Backups;
using DocIngest.Worker.Configuration;
using DocIngest.Worker.Recovering;

namespace DocIngest.Worker.CommandLine.Recovery;

/// <summary><c>recover</c>: a data folder out of a backup, on a machine that has nothing else.</summary>
internal static class RecoverCommand
{
    public static Command Create(CommandFactory commands)
    {
        var repository = new RepositoryOptions();
        var target = new Option<string?>("--target", "-t") { Description = "The folder that becomes the data folder: empty, or where this recovery was begun.", HelpName = "DIR" };
        var snapshot = new Option<string?>("--snapshot") { Description = "The snapshot, by the first digits of its id (default: the newest that holds an archive).", HelpName = "ID" };
        var noLock = new Option<bool>("--no-lock") { Description = "Take no lock, for a repository that cannot be written to." };
        var recover = commands.Create(
            "recover", "Make a data folder out of a backup, on a machine that has nothing but the repository and its password. The same command goes on where it stopped.",
            context => RunAsync(context, repository, context.Get(target), context.Get(snapshot), context.Get(noLock)),
            target, snapshot, noLock);
        repository.AddTo(recover);
        recover.Subcommands.Add(RecoverAcceptCommands.CreateAccept(commands));
        recover.Subcommands.Add(RecoverAcceptCommands.CreateAcceptWithoutLedger(commands));
        return recover;
    }

    private static async Task<int> RunAsync(CommandContext context, RepositoryOptions repository, string? typedTarget, string? snapshot, bool takesNoLock)
    {
        if (string.IsNullOrEmpty(context.Get(repository.Repository)) || string.IsNullOrEmpty(typedTarget))
        {
            throw new CommandException(ExitCode.Usage, "Name the repository with --repo and the folder to recover into with --target. Nothing was touched.");
        }

        string target = Path.TrimEndingDirectorySeparator(TypedPath.Absolute(typedTarget, "--target"));
        var options = context.NamedConfig is { } named ? ConfigFile.Load(target, named) : new DocIngestOptions();   // none is there yet
        using var access = repository.Resolve(context, target, options);
        if (access.Folder is { } folder && RealPath.Holds(folder, target))
        {
            throw new CommandException(ExitCode.Usage, $"{target} lies in the repository {folder}. Nothing was touched.");
        }

        var before = RecoveryTarget.Look(access.Volumes, target);
        using var opened = await access.OpenAsync(context.Cancellation);
        var source = await FindAsync(opened, before, snapshot, context.Cancellation);
        if (before is null or { Stage: < RecoveryStage.Restored })
        {
            RecoveryTarget.DemandSpace(access.Volumes, target, source.Snapshot.Summary?.BytesProcessed, options);
        }

        var data = access.Volumes.OpenOrCreate(target);
        data.CreateFolder(DataFolder.Locks);
        var locks = new OsLocks(Path.Combine(target, DataFolder.Locks), access.Time);
        using var alone = locks.TryAcquire(RecoveryState.LockName) ?? throw new CommandException(ExitCode.Busy, $"Another process recovers into {target}.");
        using var noService = locks.TryAcquire(RunCommand.ServiceLock) ?? throw new CommandException(ExitCode.Busy, $"The service runs on {target}. Stop it first: what was recovered is compared again.");
        if (RecoveryTarget.Look(access.Volumes, target) is var now && (now?.Id, now?.Stage) != (before?.Id, before?.Stage))
        {
            throw new CommandException(ExitCode.Busy, $"Another process has recovered into {target} meanwhile. Run the same command again.");
        }

        var state = await Begin(context, repository, access, opened, source, before).WriteAsync(data, context.Cancellation);
        Announce(context, source, target);
        try
        {
            var outcome = await new RecoveryCourse(access, opened, source, data, context.NamedConfig, takesNoLock, context.Output).RunAsync(state, context.Cancellation);
            context.Output.Result(outcome, words => RecoveryWords.Write(words, outcome));
            return outcome.Result == RecoveryOutcome.Recovered ? ExitCode.Done : ExitCode.Findings;
        }
        catch (OperationCanceledException) when (context.Cancellation.IsCancellationRequested)
        {
            context.Output.Remark($"What is under its name in {target} is whole. The same command goes on from there.");
            throw;
        }
    }

    private static void Announce(CommandContext context, RecoverySource source, string target) => context.Output.Remark(
        TerminalText.OneLine($"Recovering {RawName.ToDisplay(source.Path)} of {source.Snapshot.HostName}, as it was backed up at {source.Snapshot.Time}, into {target}."));

    private static RecoveryState Begin(
        CommandContext context, RepositoryOptions repository, RepositoryAccess access, Repository opened, RecoverySource source, RecoveryState? before) =>
        (before ?? new RecoveryState(
            Guid.NewGuid().ToString("N"), RecoveryStage.Begun, "", opened.Config.Id, source.Id.ToString(), source.Folder, source.Snapshot.HostName, source.Time, access.Time.GetUtcNow())) with
        {
            Repository = access.Location.DisplayName,   // as it is reached now: a disk may be mounted elsewhere than at the first call
            PasswordFile = context.Get(repository.PasswordFile) is { } file ? TypedPath.Absolute(file, repository.PasswordFile.Name) : null,
            EscrowKeyFile = context.Get(repository.EscrowKey) is { } key ? TypedPath.Absolute(key, repository.EscrowKey.Name) : null,
        };

    private static async Task<RecoverySource> FindAsync(Repository opened, RecoveryState? before, string? snapshot, CancellationToken cancellation)
    {
        try
        {
            if (before is null)
            {
                return await RecoverySource.FindAsync(opened, snapshot, cancellation);
            }

            if (before.RepositoryId != opened.Config.Id || (snapshot is not null && !before.Snapshot.StartsWith(snapshot, StringComparison.OrdinalIgnoreCase)))
            {
                throw new CommandException(
                    ExitCode.Usage, $"Into this folder the snapshot {before.Snapshot[..8]} of {RawName.ToDisplay(before.Repository)} is being recovered, and not another. Recover that into another, empty folder. Nothing was touched.");
            }

            return await RecoverySource.FindAsync(opened, before.Snapshot, cancellation);
        }
        catch (SourceUnclearException unclear)
        {
            throw new CommandException(unclear.IsAmbiguous ? ExitCode.Usage : ExitCode.NotFound, $"{unclear.Message} Nothing was touched.");
        }
    }
}
