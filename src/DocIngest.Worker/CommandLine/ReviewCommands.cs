using System.CommandLine;
using DocIngest.Pipeline.Ledger;

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
            Print(context.Output, item);
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
            foreach (var item in ReviewTable.List(connection, wanted))
            {
                Print(context.Output, item);
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

    private static void Print(CommandOutput output, ReviewItem item) => output.Item(
        new
        {
            Id = item.RecordId.ToString(),
            Version = $"v{item.Version}",
            item.Code,
            item.Since,
            item.AssignedTo,
            item.ConfirmedBy,
            item.ConfirmedAt,
        },
        words => words.WriteLine(
            $"{item.RecordId}  v{item.Version}  {item.Code}  since {item.Since:yyyy-MM-dd HH:mm}Z"
            + (item.AssignedTo is null ? "" : $"  for {TerminalText.OneLine(item.AssignedTo)}")
            + (item.ConfirmedBy is null ? "" : $"  confirmed by {item.ConfirmedBy} {item.ConfirmedAt:yyyy-MM-dd HH:mm}Z")));
}
