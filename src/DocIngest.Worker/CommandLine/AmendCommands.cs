using System.CommandLine;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Revisions;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>amend</c>, <c>withdraw</c> and <c>reinstate</c>: corrections, each a version with the person's name.</summary>
internal static class AmendCommands
{
    public static Command CreateAmend(CommandFactory commands)
    {
        var id = RecordCommands.IdArgument();
        var fields = PersonsDecision.SetOption();
        var source = PersonsDecision.SetFromOption();
        var removes = PersonsDecision.RemoveOption();
        var recordClass = new Option<string?>("--class") { Description = "What the document is: its retention follows from it.", HelpName = "C" };
        var title = PersonsDecision.TitleOption();
        var key = new Option<string?>("--document-key") { Description = "Names this one document within its profile.", HelpName = "KEY" };
        var removesKey = PersonsDecision.RemoveKeyOption();
        var version = PersonsDecision.VersionOption();
        var reason = Required(PersonsDecision.ReasonOption());
        return commands.Create(
            "amend", "Correct what is known of a record. It gets a version with your name and reason; what it was before stays.",
            async context =>
            {
                var seen = PersonsDecision.Seen(context.Get(version));
                var lines = await PersonsDecision.LinesOfAsync(context, source);
                var correction = new Assignment(
                    PersonsDecision.Fields([.. context.Get(fields) ?? [], .. lines]), context.Get(recordClass), PersonsDecision.Trimmed(context.Get(key)), await SaidAsync(context, reason))
                {
                    Removes = [.. (context.Get(removes) ?? []).Distinct(StringComparer.Ordinal)],
                    RemovesDocumentKey = context.Get(removesKey),
                    Title = await PersonsDecision.WordsOfAsync(context, title),
                };
                if (correction is { Fields.Count: 0, Removes.Count: 0, RecordClass: null, DocumentKey: null, RemovesDocumentKey: false, Title: null })
                {
                    throw new CommandException(ExitCode.Usage, "Say what is to be different: --set K=V, --set-from FILE, --remove K, --class C, --title T, --document-key KEY or --remove-document-key.");
                }

                PersonsDecision.DemandOneKey(correction);
                return await PersonsDecision.SettleAsync(context, id, (settling, wanted) => settling.AmendAsync(wanted, correction, seen, context.Cancellation), "amended");
            },
            id, fields, source, removes, recordClass, title, key, removesKey, version, reason);
    }

    public static Command CreateWithdraw(CommandFactory commands)
    {
        var id = RecordCommands.IdArgument();
        var reason = new Option<string>("--reason") { Description = $"Why: {string.Join(", ", WithdrawalReason.All)}.", HelpName = "R", Required = true };
        reason.AcceptOnlyFromAmong([.. WithdrawalReason.All]);
        var note = PersonsDecision.NoteOption();
        var version = PersonsDecision.VersionOption();
        return commands.Create(
            "withdraw", "Take a record out of use: 'find' passes over it. Nothing is deleted: its versions stay for as long as its class says.",
            async context =>
            {
                string? more = await PersonsDecision.WordsOfAsync(context, note);
                return await PersonsDecision.SettleAsync(
                    context, id,
                    (settling, wanted) => settling.WithdrawAsync(
                        wanted, context.Get(reason) ?? "", more, PersonsDecision.Seen(context.Get(version)), context.Cancellation),   // required: never null
                    "withdrawn");
            },
            id, reason, note, version);
    }

    public static Command CreateReinstate(CommandFactory commands)
    {
        var id = RecordCommands.IdArgument();
        var version = PersonsDecision.VersionOption();
        var reason = Required(PersonsDecision.ReasonOption());
        return commands.Create(
            "reinstate", "Bring a withdrawn record back into use.",
            async context =>
            {
                string said = await SaidAsync(context, reason);
                return await PersonsDecision.SettleAsync(
                    context, id, (settling, wanted) => settling.ReinstateAsync(wanted, said, PersonsDecision.Seen(context.Get(version)), context.Cancellation), "reinstated");
            },
            id, version, reason);
    }

    private static Option<string?> Required(Option<string?> reason)
    {
        reason.Required = true;
        return reason;
    }

    private static async Task<string> SaidAsync(CommandContext context, Option<string?> reason) => await PersonsDecision.WordsOfAsync(context, reason)
        ?? throw new CommandException(ExitCode.Usage, "Say why, with --reason: it stands in the record for good.");
}
