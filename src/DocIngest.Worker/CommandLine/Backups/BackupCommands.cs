using System.CommandLine;

namespace DocIngest.Worker.CommandLine.Backups;

/// <summary><c>backup …</c>: encrypted snapshots in a restic repository.</summary>
internal static class BackupCommands
{
    public static Command Create(CommandFactory commands)
    {
        var repository = new RepositoryOptions();
        var backup = CommandFactory.Group(
            "backup", "Encrypted, deduplicated snapshots in a repository that restic reads and writes as well.",
            InitCommand.Create(commands, repository),
            BackupRunCommand.Create(commands, repository),
            ListCommand.Create(commands, repository),
            CheckCommand.Create(commands, repository),
            BackupVerifyCommand.Create(commands, repository),
            RestoreCommand.Create(commands, repository),
            ForgetCommand.Create(commands, repository),
            PruneCommand.Create(commands, repository),
            UnlockCommand.Create(commands, repository),
            KeyCommands.Create(commands, repository));
        repository.AddTo(backup);
        return backup;
    }
}
