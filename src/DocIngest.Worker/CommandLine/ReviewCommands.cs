using System.CommandLine;
using DocIngest.Pipeline.Ledger;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>qc list|show|confirm|assign</c>: records a person should look at.</summary>
internal static class ReviewCommands
{
    public static Command Create(CommandFactory commands) => CommandFactory.Group(
        "qc", "Records that a person should look at.",
        commands.Create("list", "List what waits, oldest first.", ListAsync),
        CreateShow(commands),
        CreateConfirm(commands),
        CreateAssign(commands));

    private static Task<int> ListAsync(CommandContext context)
    {
        using var workspace = context.OpenExisting();
        using var connection = workspace.Database.OpenReader();
        foreach (var item in ReviewTable.List(connection))
        {
            Print(context.Output, workspace, item);
        }

        return Task.FromResult(ExitCode.Done);
    }

    private static Command CreateShow(CommandFactory commands)
    {
        var id = RecordCommands.IdArgument();
        return commands.Create("show", "Show why a record waits, and who has looked.", context =>
        {
            using var workspace = context.OpenExisting();
            var wanted = RecordCommands.ParseId(context.Get(id));
            _ = workspace.Catalog.Show(wanted) ?? throw RecordCommands.NotFound(wanted);
            using var connection = workspace.Database.OpenReader();
            bool any = false;
            foreach (var item in ReviewTable.List(connection, wanted))
            {
                any = true;
                Print(context.Output, workspace, item);
            }

            if (!any)
            {
                context.Output.Remark($"Nothing waits for review at {wanted}, and nothing ever did.");
            }

            return Task.FromResult(ExitCode.Done);
        }, id);
    }

    private static Command CreateConfirm(CommandFactory commands)
    {
        var id = RecordCommands.IdArgument();
        return commands.Create("confirm", "Say that you have looked at a record and it may stand as it is.", async context =>
        {
            using var workspace = context.OpenExisting();
            var wanted = RecordCommands.ParseId(context.Get(id));
            int settled = await workspace.Database.WriteAsync(
                (_, transaction) => ReviewTable.Confirm(transaction, wanted, workspace.Actor.Name, workspace.Time.GetUtcNow()), context.Cancellation);
            return Tell(context, wanted, settled, "confirmed");
        }, id);
    }

    private static Command CreateAssign(CommandFactory commands)
    {
        var id = RecordCommands.IdArgument();
        var to = new Option<string>("--to") { Description = "Account of the person who is to look.", HelpName = "WHO", Required = true };
        return commands.Create("assign", "Give a record to a person to look at.", async context =>
        {
            using var workspace = context.OpenExisting();
            var wanted = RecordCommands.ParseId(context.Get(id));
            int given = await workspace.Database.WriteAsync(
                (_, transaction) => ReviewTable.Assign(transaction, wanted, context.Get(to) ?? ""), context.Cancellation);
            return Tell(context, wanted, given, "assigned");
        }, id, to);
    }

    private static int Tell(CommandContext context, Pipeline.Records.RecordId id, int count, string what)
    {
        if (count == 0)
        {
            throw new CommandException(ExitCode.NotFound, $"Nothing waits for review at {id}.");
        }

        context.Output.Result(new { Id = id.ToString(), Items = count, Result = what }, words => words.WriteLine($"{count} {what}."));
        return ExitCode.Done;
    }

    private static void Print(CommandOutput output, Workspace workspace, ReviewItem item)
    {
        var record = workspace.Catalog.Show(item.RecordId)?.Record;
        output.Item(
            new
            {
                Id = item.RecordId.ToString(),
                Version = $"v{item.Version}",
                item.Code,
                item.Since,
                item.AssignedTo,
                item.ConfirmedBy,
                item.ConfirmedAt,
                record?.Profile,
                record?.FileName,
            },
            words =>
            {
                words.WriteLine(
                    $"{item.RecordId}  v{item.Version}  {item.Code}  since {item.Since:yyyy-MM-dd HH:mm}Z  {TerminalText.OneLine(record?.FileName)}"
                    + (item.AssignedTo is null ? "" : $"  for {TerminalText.OneLine(item.AssignedTo)}")
                    + (item.ConfirmedBy is null ? "" : $"  confirmed by {item.ConfirmedBy} {item.ConfirmedAt:yyyy-MM-dd HH:mm}Z"));
                words.WriteLine($"    {InWords(item.Code)}");
            });
    }

    /// <summary>What a code asks a person to look at: a text status or a flag of the record.</summary>
    internal static string InWords(string code) => code switch
    {
        "partial" => "Some of its pages could not be read.",
        "encrypted" => "It is encrypted: nothing of it can be found by its text.",
        "damaged" => "It is damaged: it could not be read.",
        "timeout" => "It took too long to read.",
        "crashed" => "Reading it failed.",
        "too-large" => "It is too large to be read.",
        "late-bytes" => "The file grew after it was taken in: the newest version holds the rest.",
        "key-exists" => "Another record has this document key already.",
        "sidecar-invalid" => "Its sidecar could not be read: fields are missing.",
        "unrecognised" => "It is no kind of document that this program knows.",
        _ => "",
    };
}
