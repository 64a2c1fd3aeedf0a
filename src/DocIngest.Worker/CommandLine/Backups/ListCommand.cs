using System.CommandLine;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Snapshots;
using DocIngest.Pipeline.Audit;
using DocIngest.Storage;

namespace DocIngest.Worker.CommandLine.Backups;

/// <summary><c>backup list</c></summary>
internal static class ListCommand
{
    public static Command Create(CommandFactory commands, RepositoryOptions repository)
    {
        var filter = new FilterOptions();
        return commands.Create(
            "list", "List the snapshots, oldest first.", context => RunAsync(context, repository, filter.Of(context)), [.. filter.All]);
    }

    // No lock: it only looks, also where this account may not write, or while somebody prunes.
    private static async Task<int> RunAsync(CommandContext context, RepositoryOptions repository, SnapshotFilter filter)
    {
        using var access = repository.Resolve(context);
        using var opened = await access.OpenAsync(context.Cancellation);
        var listed = await opened.ListSnapshotsAsync(context.Cancellation).ToListAsync(context.Cancellation);
        var readable = listed.Where(entry => entry.Snapshot is { } snapshot && filter.Matches(snapshot));
        foreach (var entry in readable.OrderBy(entry => entry.Snapshot?.Time.Instant).ThenBy(entry => entry.Id))
        {
            Print(context.Output, entry);
        }

        await AuditedActs.NoteBackupAsync(context, "list", AuditAction.Read);
        ListedSnapshot[] damaged = [.. listed.Where(entry => entry.Snapshot is null)];
        foreach (var entry in damaged)
        {
            context.Output.Error(entry.Fault?.Message ?? $"snapshot {entry.Id} cannot be read.");
        }

        return damaged.Length == 0 ? ExitCode.Done : ExitCode.Findings;
    }

    private static void Print(CommandOutput output, ListedSnapshot entry)
    {
        if (entry.Snapshot is not { } snapshot)
        {
            return;
        }

        output.Item(
            new
            {
                Id = entry.Id.ToString(),
                ShortId = SnapshotText.ShortId(entry.Id),
                Time = snapshot.Time.ToString(),
                snapshot.HostName,
                snapshot.UserName,
                Paths = snapshot.Paths.Select(RawName.ToDisplay),
                snapshot.Tags,
                Parent = snapshot.Parent?.ToString(),
                snapshot.ProgramVersion,
                Files = snapshot.Summary?.FilesProcessed,
                Bytes = snapshot.Summary?.BytesProcessed,
                BytesAdded = snapshot.Summary?.BytesAddedPacked,
            },
            words => words.WriteLine(SnapshotText.Line(entry.Id, snapshot)));
    }
}
