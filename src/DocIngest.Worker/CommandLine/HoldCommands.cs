using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using DocIngest.Archive;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Disposition;
using DocIngest.Pipeline.Holds;
using DocIngest.Pipeline.People;
using DocIngest.Pipeline.Records;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>hold add|release|list</c>: what may not be destroyed.</summary>
internal static class HoldCommands
{
    public static Command Create(CommandFactory commands) => CommandFactory.Group(
        "hold", "Legal holds: what they cover is not destroyed, whatever its schedule says.",
        CreateAdd(commands),
        CreateRelease(commands),
        CreateList(commands));

    private static Command CreateAdd(CommandFactory commands)
    {
        var title = new Option<string?>("--title") { Description = "What it is to be called; - reads it from standard input.", HelpName = "T", Required = true };
        var reason = new Option<string?>("--reason") { Description = "Why: the matter, the court, the mandate; - reads it from standard input.", HelpName = "R", Required = true };
        var scope = new ScopeOptions();
        return commands.Create(
            "add", "Place a hold. It ends when one person asks for its release and another agrees.",
            async context =>
            {
                if (await PersonsDecision.WordsOfAsync(context, title) is not { } called || await PersonsDecision.WordsOfAsync(context, reason) is not { } why)
                {
                    throw new CommandException(ExitCode.Usage, "A hold has a title and a reason.");
                }

                using var workspace = context.OpenOrCreate();
                var archive = await workspace.OpenOrCreateArchiveAsync(context.Cancellation);
                var wanted = await scope.ReadAsync(context, workspace);
                var register = workspace.HoldsIn(archive);
                await AuditedActs.RecordAsync(workspace, static origin => origin.Event(AuditType.Hold, "add", AuditAction.Create), context.Cancellation);
                var outcome = await register.PlaceAsync(called, why, wanted, workspace.PeopleIn(archive).Read(), context.Cancellation);
                WarnWhereEmpty(context.Output, workspace, outcome);
                return Tell(context.Output, outcome, "Placed");
            },
            [title, reason, .. scope.All]);
    }

    // A name that is typed wrongly covers nothing, for ever.
    private static void WarnWhereEmpty(CommandOutput output, Workspace workspace, HoldOutcome outcome)
    {
        if (outcome is HoldOutcome.Changed { Hold.Scope: HoldScope.Field or HoldScope.Class } placed)
        {
            string[] fields = placed.Hold.Scope is HoldScope.Field field ? [field.Name] : [];
            using var catalog = new RetentionReader(workspace.Database);
            long covered = catalog.Records(fields, recordClass: null).LongCount(record => HoldsInForce.Covers(
                placed.Hold.Scope, record.RecordClass, fields.Zip(record.Fields).Where(pair => pair.Second is not null).Select(pair => KeyValuePair.Create(pair.First, pair.Second!))));   // '!': filtered
            output.Remark(covered > 0 ? $"It covers {covered:N0} record(s) as they are now, and those to come." : "warning: it covers no record as they are now. Is the name of the field or class right? It holds for records to come.");
        }
    }

    private static Command CreateRelease(CommandFactory commands)
    {
        var hold = HoldArgument();
        var reason = PersonsDecision.ReasonOption();
        var agree = new Option<bool>("--agree") { Description = "Agree to the release that another person has asked for." };
        var statement = new Option<string?>("--statement") { Description = "The statement that --statement-out wrote, where the signature was made elsewhere.", HelpName = "FILE" };
        var signing = new SigningOptions();
        return commands.Create(
            "release", "End a hold: one person asks, with --reason; another agrees, with --agree. Both sign. Nothing is destroyed by that.",
            context => context.Get(agree) ? AgreeAsync(context, NumberOf(context.Get(hold)), signing) : AskAsync(context, NumberOf(context.Get(hold)), reason, context.Get(statement), signing),
            [hold, reason, agree, statement, .. signing.All]);
    }

    private static async Task<int> AskAsync(CommandContext context, int number, Option<string?> reason, string? statementFile, SigningOptions signing)
    {
        using var workspace = context.OpenExisting();
        var archive = await workspace.OpenOrCreateArchiveAsync(context.Cancellation);
        var register = workspace.HoldsIn(archive);
        var person = await SigningOptions.DemandAsync(workspace, workspace.PeopleIn(archive).Read(), AuditType.Hold, context.Cancellation, PersonRole.RecordsManager);
        byte[] statement;
        if (signing.BringsSignature(context))
        {
            statement = await TypedFile.ReadAsync(
                statementFile ?? throw new CommandException(ExitCode.Usage, "Give the statement that was signed, with --statement FILE."), HoldRegister.LargestStatementBytes, context.Cancellation);
        }
        else
        {
            string why = await PersonsDecision.WordsOfAsync(context, reason) ?? throw new CommandException(ExitCode.Usage, "Say why it may be released, with --reason; or agree to what another person asked for, with --agree.");
            statement = register.DraftRelease(number, why, person) ?? throw NoHold(number);
        }

        if (signing.OnlyWantsStatement(context))
        {
            await signing.WriteStatementAsync(context, statement);
            return ExitCode.Done;
        }

        var signature = await signing.SignAsync(context, person, statement);
        await RecordAsync(workspace, "ask-release", number, context.Cancellation);
        return Tell(context.Output, await register.AskReleaseAsync(number, statement, signature, context.Cancellation), "It holds on until another person agrees ('hold release --agree'). Asked for the release of");
    }

    private static async Task<int> AgreeAsync(CommandContext context, int number, SigningOptions signing)
    {
        using var workspace = context.OpenExisting();
        var archive = await workspace.OpenOrCreateArchiveAsync(context.Cancellation);
        var register = workspace.HoldsIn(archive);
        var person = await SigningOptions.DemandAsync(workspace, workspace.PeopleIn(archive).Read(), AuditType.Hold, context.Cancellation, PersonRole.RecordsManager, PersonRole.Approver);
        byte[] statement = register.StatementOf(number) ?? throw (register.List().Any(hold => hold.Number == number)
            ? new CommandException(ExitCode.Usage, "Nobody has asked for its release yet. Nothing changed.")
            : NoHold(number));
        if (signing.OnlyWantsStatement(context))
        {
            await signing.WriteStatementAsync(context, statement);
            return ExitCode.Done;
        }

        var signature = await signing.SignAsync(context, person, statement);
        await RecordAsync(workspace, "agree-release", number, context.Cancellation);
        var outcome = await register.AgreeReleaseAsync(number, signature, context.Cancellation);
        return Tell(context.Output, outcome, "Released");
    }

    private static Task RecordAsync(Workspace workspace, string subtype, int number, CancellationToken cancellation) => AuditedActs.RecordAsync(
        workspace, origin => origin.Event(AuditType.Hold, subtype, AuditAction.Update, new AuditEntity(AuditEntity.Hold, $"hold-{number}")), cancellation);

    private static Command CreateList(CommandFactory commands)
    {
        var all = new Option<bool>("--all") { Description = "Released ones too." };
        var record = new Option<string?>("--record") { Description = "Only holds that cover this record.", HelpName = "ID" };
        return commands.Create(
            "list", "List holds.",
            async context =>
            {
                using var workspace = context.OpenExisting();
                var archive = workspace.OpenArchive();
                var register = workspace.HoldsIn(archive);
                var shown = context.Get(record) is { } id
                    ? HoldsOf(archive, RecordCommands.ParseId(id), register.InForce())
                    : [.. register.List().Where(hold => hold.IsInForce || context.Get(all))];
                AuditEntity[] entities = [.. shown.Select(hold => new AuditEntity(AuditEntity.Hold, hold.Id))];
                await AuditedActs.RecordAsync(workspace, origin => origin.Event(AuditType.Hold, "list", AuditAction.Read, [.. entities.Take(AuditedActs.MostInOneEntry)]) with { Count = entities.Length }, context.Cancellation);
                foreach (var hold in shown)
                {
                    Print(context.Output, hold);
                }

                context.Output.Remark(shown.Count == 0 ? "No holds." : $"{shown.Count:N0} hold(s).");
                return ExitCode.Done;
            },
            all, record);
    }

    private static IReadOnlyList<Hold> HoldsOf(IArchive archive, RecordId id, HoldsInForce inForce) =>
        archive.Find(id.ToString()) is { } found ? RecordFamily.HoldsOf(archive, found, inForce) : throw RecordCommands.NotFound(id);

    private static int Tell(CommandOutput output, HoldOutcome outcome, string what)
    {
        switch (outcome)
        {
            case HoldOutcome.Changed changed:
                output.Remark($"{what} {changed.Hold.Id}.");
                Print(output, changed.Hold);
                return ExitCode.Done;
            case HoldOutcome.Refused refused:
                throw new CommandException(ExitCode.Usage, $"{refused.Why} Nothing changed.");
            case HoldOutcome.Absent:
                throw new CommandException(ExitCode.NotFound, "There is no such hold.");
            default:
                throw new UnreachableException();
        }
    }

    private static void Print(CommandOutput output, Hold hold) => output.Item(
        new { hold.Id, hold.Title, hold.Reason, hold.Scope, Records = hold.Scope.Listed?.Count, hold.PlacedAt, hold.By, hold.Account, hold.Asked, hold.ReleaseReason, hold.Released },
        words => words.WriteLine(
            $"{hold.Id}  {TerminalText.OneLine(hold.Title)}  {InWords(hold.Scope)}  placed {hold.PlacedAt:yyyy-MM-dd HH:mm}Z by {TerminalText.OneLine(hold.By)}: {TerminalText.OneLine(hold.Reason)}"
            + (hold.Released is { } released ? $"  released {released.At:yyyy-MM-dd HH:mm}Z by {hold.Asked?.Person} and {released.Person}"
                : hold.Asked is { } asked ? $"  release asked for {asked.At:yyyy-MM-dd HH:mm}Z by {asked.Person}" : "")));

    private static string InWords(HoldScope scope) => scope switch
    {
        HoldScope.Records records => $"{records.Members.Count:N0} record(s)",
        HoldScope.Query query => $"{query.Members.Count:N0} record(s) that a search found",
        HoldScope.Field field => $"all records with a certain {TerminalText.OneLine(field.Name)}",   // not the value: terminals are looked at over shoulders; --json has it
        HoldScope.Class named => $"all records of class {TerminalText.OneLine(named.Name)}",
        _ => throw new UnreachableException(),
    };

    private static Argument<string> HoldArgument() => new("HOLD") { Description = "The hold, as 'hold list' prints it: hold-1." };

    private static int NumberOf(string? typed) =>
        int.TryParse((typed ?? "").Replace("hold-", "", StringComparison.Ordinal), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new CommandException(ExitCode.Usage, "A hold is named as 'hold list' prints it: hold-1.");

    private static CommandException NoHold(int number) => new(ExitCode.NotFound, $"There is no hold-{number} that holds.");

    /// <summary>The options that say what a hold covers, also so that a value stays out of the shell's history.</summary>
    private sealed class ScopeOptions
    {
        private readonly Option<string[]> _records = new("--record") { Description = "These records; may be repeated.", HelpName = "ID", Arity = ArgumentArity.OneOrMore };
        private readonly Option<string?> _recordsFrom = new("--records-from") { Description = "These records: ids, one a line, of a file or of standard input with -.", HelpName = "FILE" };
        private readonly Option<string?> _field = new("--field") { Description = "All records that have or ever had this value, and those to come.", HelpName = "K=V" };
        private readonly Option<string?> _fieldFrom = new("--field-from") { Description = "The same, K=V read from a file or standard input, so that it stays out of the shell's history.", HelpName = "FILE" };
        private readonly Option<string?> _class = new("--class") { Description = "All records of this class, and those to come.", HelpName = "C" };
        private readonly Option<string?> _query = new("--query") { Description = "The records that this search finds now, withdrawn ones too; - reads it from standard input.", HelpName = "QUERY" };

        public IReadOnlyList<Option> All => [_records, _recordsFrom, _field, _fieldFrom, _class, _query];

        public async Task<WantedScope> ReadAsync(CommandContext context, Workspace workspace)
        {
            var records = context.Get(_records);
            if (All.Count(context.IsTyped) != 1)
            {
                throw new CommandException(ExitCode.Usage, "Say what it covers, with one of --record, --records-from, --field, --field-from, --class and --query.");
            }

            return records is { Length: > 0 } ? Listed(workspace, records)
                : context.IsTyped(_recordsFrom) ? Listed(workspace, await PersonsDecision.LinesOfAsync(context, _recordsFrom))
                : context.Get(_class) is { } recordClass ? new WantedScope.Class(recordClass.Trim())
                : context.Get(_query) is { } query ? Searched(workspace, query == "-" ? await context.ReadInputAsync() : query, context.Cancellation)
                : Valued(context.Get(_field) is { } typed ? [typed] : await PersonsDecision.LinesOfAsync(context, _fieldFrom));
        }

        // A typing error would leave the record that was meant without its hold.
        private static WantedScope.Records Listed(Workspace workspace, IReadOnlyList<string> typed)
        {
            var archive = workspace.OpenArchive();
            var ids = typed.Select(RecordCommands.ParseId).ToHashSet();
            var absent = ids.Where(id => archive.Find(id.ToString()) is null).Take(3).ToList();
            return absent.Count == 0
                ? new WantedScope.Records(ids)
                : throw new CommandException(ExitCode.NotFound, $"The archive has no record {string.Join(", ", absent)}. Nothing changed.");
        }

        private static WantedScope.Query Searched(Workspace workspace, string text, CancellationToken cancellation)
        {
            var query = new FindQuery { Text = text, Limit = null };
            var found = workspace.Catalog.Find(query, cancellation).Concat(workspace.Catalog.Find(query with { Withdrawn = true }, cancellation));
            return new WantedScope.Query(text.Trim(), [.. found.Select(one => one.Record.Id)]);
        }

        private static WantedScope.Field Valued(IReadOnlyList<string> lines) => PersonsDecision.Fields(lines) is { Count: 1 } fields
            ? new WantedScope.Field(fields.First().Key, fields.First().Value)
            : throw new CommandException(ExitCode.Usage, "A hold goes by one value, NAME=VALUE.");
    }
}
