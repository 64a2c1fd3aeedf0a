using System.CommandLine;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Revisions;
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

    private static async Task<int> ListAsync(CommandContext context)
    {
        using var workspace = context.OpenExisting();
        List<ReviewItem> items;
        using (var connection = workspace.Database.OpenReader())
        {
            items = [.. ReviewTable.List(connection)];
        }

        await AuditedActs.SearchAsync(
            workspace, "review-list", [.. items.Select(item => new AuditEntity(AuditEntity.Record, item.RecordId.ToString(), item.Version))], purpose: null, context.Cancellation);
        items.ForEach(item => Print(context.Output, workspace, item));

        return ExitCode.Done;
    }

    private static Command CreateShow(CommandFactory commands)
    {
        var id = RecordCommands.IdArgument();
        return commands.Create("show", "Show why a record waits, what is known of it, and who has decided.", async context =>
        {
            using var workspace = context.OpenExisting();
            var wanted = RecordCommands.ParseId(context.Get(id));
            var shown = workspace.Catalog.Show(wanted) ?? throw RecordCommands.NotFound(wanted);
            await AuditedActs.ReadAsync(workspace, "review", wanted, shown.Head.Number, purpose: null, context.Cancellation);
            using var connection = workspace.Database.OpenReader();
            var items = ReviewTable.List(connection, wanted).ToList();
            foreach (var item in items)
            {
                Print(context.Output, workspace, item);
            }

            if (items.Count == 0)
            {
                context.Output.Remark($"Nothing waits for review at {wanted}, and nothing ever did.");
            }

            if (!context.Output.IsJson && (items.Count > 0 || shown.Record.Decisions.Count > 0))
            {
                TellWhy(context.Output.Words, shown.Head.Number, shown.Record, OcrPages(workspace, wanted));
            }

            return ExitCode.Done;
        }, id);
    }

    // What a person needs for the decision, without opening the document.
    private static void TellWhy(TextWriter words, int version, RecordDocument record, IReadOnlyList<PageText> pages)
    {
        words.WriteLine();
        words.WriteLine($"version   v{version}");
        if (record.Note is not null)
        {
            words.WriteLine($"text      {record.TextStatus.ToWord()}: {TerminalText.OneLine(record.Note)}");
        }

        foreach (string note in record.RuleNotes)
        {
            words.WriteLine($"note      {TerminalText.OneLine(note)}");
        }

        if (record.Flags.Contains("low-confidence"))
        {
            words.WriteLine($"pages     {string.Join(", ", pages.Select(page => $"{page.Number} ({page.ConfidencePercent:0} %)"))}");
        }

        foreach (var (name, value) in record.Fields)
        {
            words.WriteLine($"field     {TerminalText.OneLine(name)} = {TerminalText.OneLine(value)}");
        }

        RecordCommands.TellDecisions(words, record);
    }

    // Those OCR was least sure of first.
    private static List<PageText> OcrPages(Workspace workspace, RecordId id)
    {
        const int Few = 8;
        var archive = workspace.OpenArchive();
        return archive.Find(id.ToString()) is { } found
            ? [.. ArchivedText.Read(archive, found).Pages.Where(page => page.ConfidencePercent is not null).OrderBy(page => page.ConfidencePercent).Take(Few)]
            : [];
    }

    private static Command CreateConfirm(CommandFactory commands)
    {
        var id = RecordCommands.IdArgument();
        var version = PersonsDecision.VersionOption();
        var reason = PersonsDecision.ReasonOption();
        return commands.Create(
            "confirm", "Say that you have looked at a record and it may stand as it is. It gets a version with your name.",
            async context =>
            {
                var seen = PersonsDecision.Seen(context.Get(version));
                string? said = await PersonsDecision.WordsOfAsync(context, reason);
                return await PersonsDecision.SettleAsync(context, id, (settling, wanted) => settling.ConfirmAsync(wanted, said, seen, context.Cancellation), "confirmed");
            },
            id, version, reason);
    }

    private static Command CreateAssign(CommandFactory commands)
    {
        var id = RecordCommands.IdArgument();
        var fields = PersonsDecision.SetOption();
        var source = PersonsDecision.SetFromOption();
        var recordClass = new Option<string?>("--class") { Description = "What the document is.", HelpName = "C" };
        var version = PersonsDecision.VersionOption();
        var key = new Option<string?>("--document-key") { Description = "Names this one document within its profile.", HelpName = "KEY" };
        var title = PersonsDecision.TitleOption();
        var removesKey = PersonsDecision.RemoveKeyOption();
        var reason = PersonsDecision.ReasonOption();
        return commands.Create(
            "assign", "Say whose, or what, a document is. The record gets a version with your name; a patient's number must be in the patient index, where there is one.",
            async context =>
            {
                var seen = PersonsDecision.Seen(context.Get(version));
                var lines = await PersonsDecision.LinesOfAsync(context, source);
                var assignment = new Assignment(
                    PersonsDecision.Fields([.. context.Get(fields) ?? [], .. lines]), context.Get(recordClass), PersonsDecision.Trimmed(context.Get(key)),
                    await PersonsDecision.WordsOfAsync(context, reason))
                {
                    RemovesDocumentKey = context.Get(removesKey),
                    Title = await PersonsDecision.WordsOfAsync(context, title),
                };
                PersonsDecision.DemandOneKey(assignment);
                if (assignment is { Fields.Count: 0, RecordClass: null, DocumentKey: null, RemovesDocumentKey: false, Title: null })
                {
                    throw new CommandException(ExitCode.Usage, "Say what it is: --set K=V, --set-from FILE, --class C, --title T, --document-key KEY or --remove-document-key.");
                }

                return await PersonsDecision.SettleAsync(context, id, (settling, wanted) => settling.AssignAsync(wanted, assignment, seen, context.Cancellation), "assigned");
            },
            id, fields, source, recordClass, title, key, removesKey, version, reason);
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
                item.ConfirmedBy,
                item.ConfirmedAt,
                record?.Profile,
                record?.FileName,
            },
            words =>
            {
                words.WriteLine(
                    $"{item.RecordId}  v{item.Version}  {item.Code}  since {item.Since:yyyy-MM-dd HH:mm}Z  {TerminalText.OneLine(record?.FileName)}"
                    + (item.ConfirmedBy is null ? "" : $"  settled by {TerminalText.OneLine(item.ConfirmedBy)} {item.ConfirmedAt:yyyy-MM-dd HH:mm}Z"));
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
        "late-bytes" => "The file grew after it was taken in: a later version holds the rest. Of one of two stacks put together, this record holds it: 'show' names the other.",
        "key-exists" => "Another record has this document key already.",
        "sidecar-invalid" => "Its sidecar could not be read: fields are missing.",
        "low-confidence" => "OCR was not sure of what it read: compare with the original.",
        "unclassified" => "No rule knows what it is: say so with 'qc assign --class'.",
        "identity-mismatch" => "Whose it is could not be made sure: say so with 'qc assign --set patientId=…'.",
        "bar-codes-unread" => "Bar codes of some pages were not read: a key, a field or a separator may be missing.",
        "blank-pages" => "Some of its pages are blank: look whether something was scanned from the wrong side.",
        "wordless-pages" => "Some of its pages show something and gave no words: 'show' names them. Look whether it is handwriting, or too faint to be read.",
        "language-missing" => "OCR read it without a language of its profile: its words may be wrong. Install the language pack and run 'ocr --pending'; 'show' names the language.",
        "split-stopped" => "It has separator sheets, or may have, and could not be divided: it is filed whole. 'split' divides it.",
        "event-refused" => "Its sidecar brought an event of the patient or case that was not recorded: the note says why. Record what is right with 'events add'.",
        "sidecar-shared" => "Its fields stood beside a stack of several documents: look whether they are this one's, and correct them with 'qc assign'.",
        "correction-superseded" => "A person had corrected it, and then another scan of it came: what was corrected does not stand in the newest version. Look, and correct it again with 'amend' if need be.",
        "other-side-missing" => "It shows one side of its sheets, and the other was not put together with it: 'show' says why.",
        "rules-incomplete" => "Some rules took too long: fields may be missing.",
        "unrecognised" => "It is no kind of document that this program knows.",
        _ => "",
    };
}
