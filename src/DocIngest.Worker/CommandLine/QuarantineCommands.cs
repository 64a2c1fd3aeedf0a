using System.CommandLine;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>quarantine list|get|retry|accept|discard</c>: files that are no document.</summary>
internal static class QuarantineCommands
{
    public static Command Create(CommandFactory commands) => CommandFactory.Group(
        "quarantine", "Files that are no document and wait for a decision.",
        commands.Create("list", "List what waits, oldest first.", ListAsync),
        CreateGet(commands),
        CreateResume(commands, "retry", "Take the file in again, for example after an update of the program.", accept: false),
        CreateResume(commands, "accept", "Archive the file as it is, though nothing can read it.", accept: true),
        CreateDiscard(commands));

    private static Task<int> ListAsync(CommandContext context)
    {
        using var workspace = context.OpenExisting();
        using var connection = workspace.Database.OpenReader();
        foreach (var item in QuarantineTable.List(connection))
        {
            context.Output.Item(
                new { Id = item.ScanId.ToString(), item.Code, item.Since, item.Profile, item.FileName, item.SizeBytes, item.Reason },
                words => words.WriteLine(
                    $"{item.ScanId}  {item.Since:yyyy-MM-dd HH:mm}  {item.Code}  {item.SizeBytes:N0} bytes  {TerminalText.OneLine(item.FileName)}"));
        }

        return Task.FromResult(ExitCode.Done);
    }

    private static Command CreateGet(CommandFactory commands)
    {
        var id = RecordCommands.IdArgument();
        var file = new Option<string>("-o", "--output") { Description = "Write to this file.", HelpName = "FILE", Required = true };
        return commands.Create("get", "Copy a quarantined file out. It may be anything: handle it with care.", async context =>
        {
            using var workspace = context.OpenExisting();
            var item = Find(workspace, RecordCommands.ParseId(context.Get(id)));
            using var content = workspace.Data.OpenRead($"{DataFolder.QuarantineOf(item.ScanId)}/{DataFolder.PrivateCopyName}");
            await ResultFile.WriteAsync(workspace, context.Get(file) ?? "", target => content.CopyToAsync(target, context.Cancellation), context.Cancellation);
            return ExitCode.Done;
        }, id, file);
    }

    private static Command CreateResume(CommandFactory commands, string name, string description, bool accept)
    {
        var id = RecordCommands.IdArgument();
        return commands.Create(name, description, async context =>
        {
            using var workspace = context.OpenExisting();
            var item = Find(workspace, RecordCommands.ParseId(context.Get(id)));
            await using var host = await IngestHost.StartAsync(workspace, consoleLevel: null, context.Cancellation);
            ScanReport? result = null;
            await host.Session.ResumeQuarantinedAsync(item.ScanId, accept, report => result = report, context.Cancellation);
            context.Output.Result(result, words => words.WriteLine($"{result?.Outcome} {result?.Id} {result?.Version} {result?.Reason}"));
            return result?.Outcome is "filed" or "versioned" or "duplicate" ? ExitCode.Done : ExitCode.Partial;
        }, id);
    }

    private static Command CreateDiscard(CommandFactory commands)
    {
        var id = RecordCommands.IdArgument();
        var reason = new Option<string>("--reason") { Description = "Why nothing is lost by it.", HelpName = "R", Required = true };
        return commands.Create("discard", "Delete a quarantined file for good. Who, when and why is kept.", async context =>
        {
            using var workspace = context.OpenExisting();
            // 1 the decision, 2 the bytes: a crash in between leaves a decided item, which the same command deletes when repeated.
            var item = Find(workspace, RecordCommands.ParseId(context.Get(id)), orDecided: "discarded");
            await workspace.Database.WriteAsync(
                (_, transaction) => QuarantineTable.Decide(
                    transaction, item.ScanId, "discarded", workspace.Actor.Name, context.Get(reason), workspace.Time.GetUtcNow()),
                context.Cancellation);
            workspace.Data.DeleteTree(DataFolder.QuarantineOf(item.ScanId));
            await workspace.Data.FlushAsync(CancellationToken.None);
            context.Output.Result(new { Id = item.ScanId.ToString(), Result = "discarded" }, words => words.WriteLine("Discarded."));
            return ExitCode.Done;
        }, id, reason);
    }

    private static QuarantineItem Find(Workspace workspace, RecordId id, string? orDecided = null)
    {
        using var connection = workspace.Database.OpenReader();
        var item = QuarantineTable.List(connection, id).FirstOrDefault()
            ?? throw new CommandException(ExitCode.NotFound, $"There is no quarantined file {id}.");
        bool bytesLeft = workspace.Data.Find(DataFolder.QuarantineOf(id)) is not null;
        return item.Decision is null || (item.Decision == orDecided && bytesLeft)
            ? item
            : throw new CommandException(ExitCode.NotFound, $"That file was {item.Decision} by {item.DecidedBy}.");
    }
}
