using System.CommandLine;
using DocIngest.Backup.Locks;
using DocIngest.Pipeline.Audit;

namespace DocIngest.Worker.CommandLine.Backups;

/// <summary><c>backup unlock</c></summary>
internal static class UnlockCommand
{
    public static Command Create(CommandFactory commands, RepositoryOptions repository)
    {
        var all = new Option<bool>("--remove-all") { Description = "Also locks of those who may still work there. Make sure that nobody does." };
        return commands.Create(
            "unlock", "Remove locks that belong to nobody any more: of dead processes of this machine, or not refreshed for half an hour.",
            context => RunAsync(context, repository, context.Get(all)), all);
    }

    private static async Task<int> RunAsync(CommandContext context, RepositoryOptions repository, bool removesAll)
    {
        using var access = repository.Resolve(context);
        using var opened = await access.OpenAsync(context.Cancellation);
        var locks = new LockFolder(opened);
        int removed = await locks.UnlockAsync(access.LockTerms.Owner, access.Time, removesAll, context.Cancellation);
        await AuditedActs.NoteBackupAsync(context, "unlock", AuditAction.Delete);
        var left = await locks.ListAsync(context.Cancellation).ToListAsync(context.Cancellation);
        context.Output.Result(
            new { Removed = removed, Left = left.Select(AsJson) },
            words =>
            {
                words.WriteLine($"{removed} locks removed.");
                left.ForEach(held => words.WriteLine(TerminalText.OneLine($"Left: {held.File?.ToString() ?? $"{held.Id}, which cannot be read"}.")));
                if (left.Count > 0)
                {
                    words.WriteLine("Where nobody works any more, --remove-all removes them too.");
                }
            });
        return ExitCode.Done;
    }

    private static object AsJson(ListedLock held) => new
    {
        Id = held.Id.ToString(),
        Time = held.File?.Time.ToString(),
        held.File?.IsExclusive,
        held.File?.HostName,
        held.File?.UserName,
        held.File?.ProcessId,
    };
}
