using System.CommandLine;
using System.Diagnostics;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Revisions;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>reassign</c> and <c>split</c>: other records take the place of one that is withdrawn.</summary>
internal static class SuccessionCommands
{
    public static Command CreateReassign(CommandFactory commands)
    {
        var id = RecordCommands.IdArgument();
        var fields = PersonsDecision.SetOption();
        var source = PersonsDecision.SetFromOption();
        var removes = PersonsDecision.RemoveOption();
        var keeps = new Option<string[]>("--keep")
        {
            Description = "A field that was said of the wrong patient and holds for the right one; may be repeated.", HelpName = "K", Arity = ArgumentArity.OneOrMore,
        };
        var recordClass = new Option<string?>("--class") { Description = "What the document is, where that is wrong too.", HelpName = "C" };
        var title = PersonsDecision.TitleOption();
        var key = new Option<string?>("--document-key") { Description = "Names this one document within its profile.", HelpName = "KEY" };
        var removesKey = PersonsDecision.RemoveKeyOption();
        var reason = new Option<string>("--reason") { Description = $"Why: {string.Join(", ", ReassignmentReason.All)}.", HelpName = "R", Required = true };
        reason.AcceptOnlyFromAmong([.. ReassignmentReason.All]);
        var note = PersonsDecision.NoteOption();
        var version = PersonsDecision.VersionOption();
        return commands.Create(
            "reassign",
            "Move a record to the patient or case it belongs to. A new record takes its place; the one under the wrong number is withdrawn, each names the other. Prints who read it meanwhile.",
            async context =>
            {
                var seen = PersonsDecision.Seen(context.Get(version));
                var lines = await PersonsDecision.LinesOfAsync(context, source);
                var said = new Assignment(
                    PersonsDecision.Fields([.. context.Get(fields) ?? [], .. lines]), context.Get(recordClass), PersonsDecision.Trimmed(context.Get(key)),
                    await PersonsDecision.WordsOfAsync(context, note))
                {
                    Removes = [.. (context.Get(removes) ?? []).Distinct(StringComparer.Ordinal)],
                    RemovesDocumentKey = context.Get(removesKey),
                    Title = await PersonsDecision.WordsOfAsync(context, title),
                };
                PersonsDecision.DemandOneKey(said);
                return await ReplaceAsync(
                    context, id, "reassigned",
                    (host, wanted) => host.Reassigning.ReassignAsync(wanted, said, context.Get(reason) ?? "", context.Get(keeps) ?? [], seen, context.Cancellation));   // required: never null
            },
            id, fields, source, removes, keeps, recordClass, title, key, removesKey, reason, note, version);
    }

    public static Command CreateSplit(CommandFactory commands)
    {
        var id = RecordCommands.IdArgument();
        var pages = new Option<string?>("--pages")
        {
            Description = "The pages of each document: 1-2,3-5 are two, 1-2+5,3-4 as well. Every page belongs to one.", HelpName = "P",
        };
        var parts = new Option<string?>("--parts")
        {
            Description = "Instead: what each document is, a JSON list with pages, fields, recordClass, documentKey and title, in a file or on standard input with -.", HelpName = "FILE",
        };
        var note = PersonsDecision.NoteOption();
        var version = PersonsDecision.VersionOption();
        return commands.Create(
            "split",
            "Divide a record that holds several documents. New records take its place, each with its pages; the whole is withdrawn, each side names the other. Prints who read it meanwhile.",
            async context =>
            {
                var seen = PersonsDecision.Seen(context.Get(version));
                var documents = await DocumentsOfAsync(context, pages, parts);
                string? said = await PersonsDecision.WordsOfAsync(context, note);
                return await ReplaceAsync(context, id, "split", (host, wanted) => host.Splitting.SplitAsync(wanted, documents, said, seen, context.Cancellation));
            },
            id, pages, parts, note, version);
    }

    private static async Task<IReadOnlyList<SplitDocument>> DocumentsOfAsync(CommandContext context, Option<string?> pages, Option<string?> parts) => (context.Get(pages), context.Get(parts)) switch
    {
        ({ } typed, null) => [.. (SplitPages.Parse(typed)
            ?? throw new CommandException(ExitCode.Usage, "Pages have the form 1-2,3-5: a comma between documents, a plus between the ranges of one.")).Select(one => new SplitDocument(one))],
        (null, "-") => SplitParts.Read(await context.ReadInputAsync()),
        (null, { } file) => SplitParts.Read(await ReadAsync(TypedPath.Absolute(file, "FILE"), context.Cancellation)),
        _ => throw new CommandException(ExitCode.Usage, "Say how to divide it, with --pages or with --parts."),
    };

    private static Task<string> ReadAsync(string path, CancellationToken cancellation) =>
        File.Exists(path) ? File.ReadAllTextAsync(path, cancellation) : throw new CommandException(ExitCode.NotFound, $"There is no file {path}.");

    private static async Task<int> ReplaceAsync(
        CommandContext context, Argument<string> id, string what, Func<IngestHost, RecordId, Task<SuccessionOutcome>> replace)
    {
        using var workspace = context.OpenExisting();
        var wanted = RecordCommands.ParseId(context.Get(id));
        await using var host = await context.StartHostAsync(workspace);
        switch (await replace(host, wanted))
        {
            case SuccessionOutcome.Done done:
                var readers = ReadersOfRecord.Find(workspace, wanted);
                context.Output.Result(
                    new
                    {
                        Id = wanted.ToString(), Version = $"v{done.Version}", Result = what,
                        Records = done.Successors.Select(record => new { Id = record.Id.ToString(), Version = "v1", record.Pages, record.Waits }),
                        Readers = readers,
                    },
                    words => Tell(words, wanted, what, done, readers));
                return ExitCode.Done;
            case SuccessionOutcome.Absent:
                throw RecordCommands.NotFound(wanted);
            case SuccessionOutcome.Refused refused:
                throw new CommandException(ExitCode.Usage, $"{refused.Why} Nothing changed.");
            case SuccessionOutcome.Busy:
                throw new CommandException(ExitCode.Busy, "Another version of this record is being made just now, or the same document comes in. Nothing changed; try again in a moment.");
            default:
                throw new UnreachableException();
        }
    }

    private static void Tell(TextWriter words, RecordId former, string what, SuccessionOutcome.Done done, IReadOnlyList<RecordReader>? readers)
    {
        words.WriteLine($"{what}: {former} is withdrawn as v{done.Version}.");
        foreach (var record in done.Successors)
        {
            string pages = record.Pages is null ? "" : $"  pages {record.Pages}";
            string waits = record.Waits.Count == 0 ? "" : $"  waits for: {string.Join(", ", record.Waits)}";
            words.WriteLine($"in its place  {record.Id}{pages}{waits}");
        }

        ReadersOfRecord.Tell(words, former, readers);
    }
}
