using System.CommandLine;
using System.Security.Cryptography;
using DocIngest.Backup.Keys;
using DocIngest.Backup.Stores;
using DocIngest.Backup;
using DocIngest.Pipeline.Audit;
using DocIngest.Worker.Backups;

namespace DocIngest.Worker.CommandLine.Backups;

/// <summary><c>backup key list|add|remove|escrow</c></summary>
internal static class KeyCommands
{
    public static Command Create(CommandFactory commands, RepositoryOptions repository) => CommandFactory.Group(
        "key", "The passwords of the repository. Each opens all of it.",
        commands.Create("list", "List the keys: who made each, and when. '*' is the one in use.", context => ListAsync(context, repository)),
        CreateAdd(commands, repository),
        CreateRemove(commands, repository),
        EscrowCommand.Create(commands, repository));

    private static async Task<int> ListAsync(CommandContext context, RepositoryOptions repository)
    {
        using var access = repository.Resolve(context);
        using var opened = await access.OpenAsync(context.Cancellation);
        await AuditedActs.NoteBackupAsync(context, "key-list", AuditAction.Read);
        bool isDamaged = false;
        await foreach (var key in new KeyRing(opened.Store).ListAsync(context.Cancellation))
        {
            isDamaged |= key.Fault is not null;
            Print(context.Output, key, key.Id == opened.KeyId);
        }

        return isDamaged ? ExitCode.Findings : ExitCode.Done;
    }

    private static void Print(CommandOutput output, ListedKey key, bool isCurrent) => output.Item(
        new
        {
            Id = key.Id.ToString(),
            Current = isCurrent,
            key.File?.UserName,
            key.File?.HostName,
            Created = key.File?.Created?.ToString(),
            N = key.File?.Parameters.N,
            R = key.File?.Parameters.R,
            P = key.File?.Parameters.P,
            Fault = key.Fault?.Message,
        },
        words => words.WriteLine(TerminalText.OneLine(
            $"{(isCurrent ? '*' : ' ')}{SnapshotText.ShortId(key.Id)}  "
            + (key.File is { } file ? $"{file.Created}  {file.UserName}@{file.HostName}" : key.Fault?.Message))));

    private static Command CreateAdd(CommandFactory commands, RepositoryOptions repository)
    {
        var file = new Option<string?>("--new-password-file") { Description = "File that holds the new password.", HelpName = "F" };
        var command = new Option<string?>("--new-password-command") { Description = "Program that prints the new password.", HelpName = "CMD" };
        var generate = new Option<string?>("--generate")
        {
            Description = "Draw the new password and write it to this new file, on a disk that you take away.",
            HelpName = "FILE",
        };
        return commands.Create("add", "Add one more password.", async context =>
        {
            var given = RepositoryOptions.Password(context.Get(file), context.Get(command), file.Name, command.Name);
            string? newFile = context.Get(generate) is { } path ? TypedPath.Absolute(path, generate.Name) : null;
            if (given is null == newFile is null)
            {
                throw new CommandException(ExitCode.Usage, $"Say where the new password is: one of {file.Name}, {command.Name} and {generate.Name}.");
            }

            using var access = repository.Resolve(context);
            using var opened = await access.OpenAsync(context.Cancellation);
            await AuditedActs.BackupAsync(access.DataPath, access.Volumes, "key-add", AuditAction.Create, [], context.Cancellation);   // it opens all that is backed up
            byte[] password = given is not null ? await given.ReadAsync(context.Cancellation) : GeneratedPassword.Draw();
            if (newFile is not null)
            {
                await OutputFile.WriteNewAsync(access.Volumes, newFile, password, context.Cancellation);   // first: it is of use when the key is there
            }

            var added = await new PasswordChanges(opened, access.LockTerms).AddAsync(
                password, access.ParametersFor(password), access.Origin, context.Cancellation);
            CryptographicOperations.ZeroMemory(password);
            context.Output.Result(
                new { Key = added.ToString(), PasswordFile = newFile },
                words => words.WriteLine($"Key {SnapshotText.ShortId(added)} added{(newFile is null ? "" : $"; its password is in {newFile}")}."));
            return ExitCode.Done;
        }, file, command, generate);
    }

    private static Command CreateRemove(CommandFactory commands, RepositoryOptions repository)
    {
        var id = new Argument<string>("ID") { Description = "The key, by the first digits of its id." };
        return commands.Create("remove", "Take a password away. The one in use stays.", async context =>
        {
            using var access = repository.Resolve(context);
            using var opened = await access.OpenAsync(context.Cancellation);
            var key = await opened.Store.FindByPrefixAsync(FileKind.Key, context.Get(id) ?? "", context.Cancellation);
            await AuditedActs.BackupAsync(access.DataPath, access.Volumes, "key-remove", AuditAction.Delete, [new AuditEntity(AuditEntity.Key, key.ToString())], context.Cancellation);
            await new PasswordChanges(opened, access.LockTerms).RemoveAsync(key, context.Cancellation);
            context.Output.Result(new { Removed = key.ToString() }, words => words.WriteLine($"Key {SnapshotText.ShortId(key)} removed."));
            context.Output.Remark("Who had that password may have kept the master key, which never changes: with it what is backed up here can still be read.");
            return ExitCode.Done;
        }, id);
    }
}
