using System.CommandLine;
using System.Text.Json;
using DocIngest.Archive;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Worker.Hosting;
using DocIngest.Worker.Recovering;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>show</c>, <c>history</c> and <c>get</c>: one record.</summary>
internal static class RecordCommands
{
    public static IEnumerable<Command> Create(CommandFactory commands)
    {
        yield return CreateShow(commands);
        yield return CreateHistory(commands);
        yield return CreateGet(commands);
    }

    /// <summary>The ID argument that several commands take.</summary>
    public static Argument<string> IdArgument() => new("ID") { Description = "A record id, as urn:uuid:… or bare." };

    /// <summary>Reads an id as typed.</summary>
    /// <exception cref="CommandException">No id; exit 2.</exception>
    public static RecordId ParseId(string? text) =>
        RecordId.TryParse(text, out var id) ? id : throw new CommandException(ExitCode.Usage, $"'{text}' is no record id, such as urn:uuid:0198a2b4-….");

    /// <summary>What to say of an id nobody knows.</summary>
    public static CommandException NotFound(RecordId id) => new(ExitCode.NotFound, $"There is no record {id}.");

    // A scan that doubled a record, or became a version of one, has an id of its own: receipts and batch records name it.
    private static CommandException NotFound(Workspace workspace, RecordId id)
    {
        using var connection = workspace.Database.OpenReader();
        return ScanTable.Find(connection, id) is { Outcome: { } outcome, RecordId: { } record } && record != id
            ? new CommandException(ExitCode.NotFound, $"There is no record {id}. That scan {InWords(outcome)} {record}.")
            : NotFound(id);
    }

    private static string InWords(ScanOutcome outcome) => outcome == ScanOutcome.Duplicate ? "has the same bytes as record" : "became a version of record";

    private static Command CreateShow(CommandFactory commands)
    {
        var id = IdArgument();
        var purpose = AuditedActs.PurposeOption();
        return commands.Create("show", "Show what is known of a record.", async context =>
        {
            using var workspace = context.OpenExisting();
            var wanted = ParseId(context.Get(id));
            var shown = workspace.Catalog.Show(wanted) ?? throw NotFound(workspace, wanted);
            await AuditedActs.ReadAsync(workspace, "show", wanted, shown.Head.Number, context.Get(purpose), context.Cancellation);
            var holds = HoldsOf(workspace, shown.Record);
            var documents = DocumentsOf(workspace, shown.Record);
            context.Output.Result(
                new { shown.Record.Flags, Version = $"v{shown.Head.Number}", shown.Head.Created, Holds = holds, Documents = documents, shown.Record },
                words => Describe(words, shown, holds, documents));
            return ExitCode.Done;
        }, id, purpose);
    }

    // Whoever treats a patient must not be stopped by a register that is damaged: it is the destroyer who is.
    private static IReadOnlyList<string> HoldsOf(Workspace workspace, RecordDocument record)
    {
        try
        {
            return [.. workspace.HoldsIn(workspace.OpenArchive()).InForce().Of([record]).Select(hold => hold.Id)];
        }
        catch (Exception error) when (error is DamagedObjectException or FixityException)
        {
            return ["unknown: the register of holds is damaged"];
        }
    }

    // Where the documents of a divided scan are: some double other records. Null for other records.
    private static IReadOnlyList<BatchDocument>? DocumentsOf(Workspace workspace, RecordDocument record)
    {
        if (record.Batch is not { } batch)
        {
            return null;
        }

        using var connection = workspace.Database.OpenReader();
        return [.. batch.Parts.Select(part => ScanTable.Find(connection, part.ScanId) is { } scan
            ? new BatchDocument(part.ScanId, part.Pages, scan.Outcome?.ToWord(), scan.RecordId)
            : new BatchDocument(part.ScanId, part.Pages, null, null))];
    }

    private sealed record BatchDocument(RecordId Scan, string Pages, string? Outcome, RecordId? Record)
    {
        public override string ToString() => Record is { } record && record != Scan
            ? $"{record}: pages {Pages}, {(Outcome == ScanOutcome.Duplicate.ToWord() ? "the same bytes as" : "a version of")} this record"
            : $"{Scan}: pages {Pages}{(Outcome is null ? ", not filed yet" : "")}";
    }

    private static void Describe(TextWriter words, ShownRecord shown, IReadOnlyList<string> holds, IReadOnlyList<BatchDocument>? documents)
    {
        var record = shown.Record;
        if (record.Withdrawn is not null)
        {
            words.WriteLine($"!! withdrawn: {record.Withdrawn}");
        }

        if (record.Flags.Count > 0)
        {
            words.WriteLine($"!! {string.Join(", ", record.Flags)}");
        }

        if (holds.Count > 0)
        {
            words.WriteLine($"!! held by {string.Join(", ", holds)}");
        }

        words.WriteLine($"record    {record.Id}, v{shown.Head.Number} of {shown.Head.Created:yyyy-MM-dd HH:mm:ss}Z");
        string place = record.Subfolder.Length == 0 ? "" : $" in {TerminalText.OneLine(record.Subfolder)}";
        string key = record.DocumentKey is null ? "" : $", document key {TerminalText.OneLine(record.DocumentKey)}";
        if (record.Title is not null)
        {
            words.WriteLine($"title     {TerminalText.OneLine(record.Title)}");
        }

        words.WriteLine($"class     {TerminalText.OneLine(record.RecordClass)}{(record.Language is null ? "" : $", language {TerminalText.OneLine(record.Language)}")}");
        if (record.Tags.Count > 0)
        {
            words.WriteLine($"tags      {string.Join(", ", record.Tags.Select(TerminalText.OneLine))}");
        }

        words.WriteLine($"file      {TerminalText.OneLine(record.FileName)}{place} ({record.MediaType}, {record.SizeBytes:N0} bytes)");
        words.WriteLine($"received  {record.ReceivedAt:yyyy-MM-dd HH:mm:ss}Z by profile {record.Profile}{key}");
        words.WriteLine(
            $"pages     {record.Pages.Total}: {record.Pages.WithText} with text, {record.Pages.PendingOcr} waiting for OCR, "
            + $"{record.Pages.Blank} blank, {record.Pages.Wordless} without words{(record.WordlessPages.Count == 0 ? "" : $" (page {PageRanges.Of(record.WordlessPages)})")}, {record.Pages.Failed} failed");
        words.WriteLine($"text      {(record.Batch is null ? record.TextStatus.ToWord() : "in its documents")}{(record.Note is null ? "" : $": {record.Note}")}");
        if (record.PartOf is { } part)
        {
            words.WriteLine($"cut from  pages {part.Pages} of {part.Batch}, v{part.Version}");
        }

        TellLinks(words, record);
        foreach (var stack in record.Duplex?.Stacks ?? [])
        {
            words.WriteLine($"{stack.Side.ToWord(),-8}  {stack.Pages} pages of {TerminalText.OneLine(stack.FileName)}, {stack.Original}, sha512 {stack.Sha512}");
        }

        if (record.Duplex?.Fault is { } fault)
        {
            words.WriteLine($"          not put together with another stack: {fault}");
        }

        foreach (var document in documents ?? [])
        {
            words.WriteLine($"document  {document}");
        }

        words.WriteLine($"sha512    {record.Sha512}");
        foreach (var (name, value) in record.Fields)
        {
            words.WriteLine($"field     {TerminalText.OneLine(name)} = {TerminalText.OneLine(value)}{Origin(record.Evidence.GetValueOrDefault(name))}");
        }

        foreach (var code in record.Codes)
        {
            words.WriteLine($"code      {TerminalText.OneLine(code.Field)} {TerminalText.OneLine(code.Code)} {TerminalText.OneLine(code.Term)}{(code.Page is null ? "" : $", page {code.Page}")}");
        }

        foreach (string note in record.RuleNotes)
        {
            words.WriteLine($"note      {TerminalText.OneLine(note)}");
        }

        TellDecisions(words, record);
        foreach (var (name, value) in record.Metadata)
        {
            words.WriteLine($"metadata  {TerminalText.OneLine(name)} = {TerminalText.OneLine(value)}");
        }

        foreach (var twin in record.Twins)
        {
            words.WriteLine($"same bytes as {twin}");
        }
    }

    private static void TellLinks(TextWriter words, RecordDocument record)
    {
        if (record.ReassignedTo is { } successor)
        {
            words.WriteLine($"now       {successor}, under the right patient or case");
        }

        if (record.ReassignedFrom is { } former)
        {
            words.WriteLine($"was       {former}, under a wrong patient or case");
        }

        if (record.SplitFrom is { } whole)
        {
            words.WriteLine($"split off pages {whole.Pages} of {whole.Record}, v{whole.Version}");
        }

        foreach (var part in record.SplitInto ?? [])
        {
            words.WriteLine($"now       {part.Id}: pages {part.Pages}");
        }
    }

    /// <summary>What stands in front of a withdrawn record in a list.</summary>
    public static string WithdrawnMark(RecordDocument record) => record.Withdrawn is null ? "" : $"[withdrawn: {record.Withdrawn}] ";

    /// <summary>Who decided what about a record, when and why.</summary>
    public static void TellDecisions(TextWriter words, RecordDocument record)
    {
        foreach (var decision in record.Decisions)
        {
            string reason = decision.Reason is null ? "" : $": {TerminalText.OneLine(decision.Reason)}";
            words.WriteLine($"{decision.Kind.ToWord()}{((decision.Reassignment ?? decision.Withdrawal) is { } why ? $" ({why})" : "")} by {TerminalText.OneLine(decision.By)} {decision.At:yyyy-MM-dd HH:mm}Z{reason}");
        }
    }

    // " (rule letter, page 1: "Date: 3 May 2026")", or nothing for records of older programs.
    private static string Origin(FieldEvidence? evidence)
    {
        if (evidence is null)
        {
            return "";
        }

        string by = evidence.Rule is null ? evidence.Source : $"rule {evidence.Rule}";
        string page = evidence.Page == 0 ? ", separator sheet" : evidence.Page is null ? evidence.Place is null ? "" : $", {evidence.Place}" : $", page {evidence.Page}";
        string words = evidence.Words is null ? "" : $": \"{TerminalText.OneLine(evidence.Words)}\"";
        return $"  ({by}{page}{words}{(evidence.IsAmbiguous ? "; day and month could be the other way round" : "")})";
    }

    private static Command CreateHistory(CommandFactory commands)
    {
        var id = IdArgument();
        return commands.Create("history", "List the versions of a record, and the files that arrived for each.", async context =>
        {
            using var workspace = context.OpenExisting();
            var wanted = ParseId(context.Get(id));
            var versions = workspace.Catalog.History(wanted);
            if (versions.Count == 0)
            {
                throw NotFound(workspace, wanted);
            }

            await AuditedActs.ReadAsync(workspace, "history", wanted, version: null, purpose: null, context.Cancellation);
            ILookup<int, Arrival> arrivals;
            using (var connection = workspace.Database.OpenReader())
            {
                arrivals = ScanTable.Arrivals(connection, wanted).ToLookup(arrival => arrival.Version);
            }

            foreach (var version in versions)
            {
                context.Output.Item(
                    new
                    {
                        Id = wanted.ToString(),
                        Version = $"v{version.Number}",
                        version.Created,
                        version.Message,
                        User = version.UserName,
                        version.UserAddress,
                        Sha512 = version.Content.Hex,
                        Arrivals = arrivals[version.Number].Select(arrival => new
                        {
                            Scan = arrival.ScanId.ToString(), arrival.ClaimedAt, arrival.FileName, arrival.Profile, arrival.Outcome, Sha512 = arrival.Digest.Hex, arrival.AcceptedBy,
                        }),
                    },
                    words =>
                    {
                        words.WriteLine(
                            $"v{version.Number}  {version.Created:yyyy-MM-dd HH:mm:ss}Z  {version.UserName}  {version.Message}  sha512 {version.Content.Hex[..16]}…");
                        foreach (var arrival in arrivals[version.Number])
                        {
                            words.WriteLine(
                                $"    {arrival.Outcome,-9}  {arrival.ClaimedAt:yyyy-MM-dd HH:mm:ss}Z  {TerminalText.OneLine(arrival.FileName)}"
                                + (arrival.AcceptedBy is null ? "" : $"  accepted from quarantine by {TerminalText.OneLine(arrival.AcceptedBy)}"));
                        }
                    });
            }

            return ExitCode.Done;
        }, id);
    }

    private static Command CreateGet(CommandFactory commands)
    {
        var id = IdArgument();
        var version = new Option<string?>("--version") { Description = "A version, v1 on; default the newest.", HelpName = "vN" };
        var form = new Option<string>("--as")
        {
            Description = "original (original-1 and original-2 are the fronts and backs of a record of two), text (pages end in U+000C), rendition (a searchable PDF of what OCR read), record or thumbnail (WebP of the first page).", DefaultValueFactory = _ => "original",
        };
        form.AcceptOnlyFromAmong("original", "original-1", "original-2", "text", "rendition", "record", Thumbnails.Form);
        var file = new Option<string?>("-o", "--output")
        {
            Description = "Write to this file instead of standard output; never over an existing one.", HelpName = "FILE",
        };
        var purpose = AuditedActs.PurposeOption();
        return commands.Create(
            "get", "Copy a record's bytes, text or metadata out of the archive, checked against their digest.",
            context => GetAsync(context, ParseId(context.Get(id)), context.Get(version), context.Get(form) ?? "original", context.Get(file), context.Get(purpose)),
            id, version, form, file, purpose);
    }

    private static async Task<int> GetAsync(CommandContext context, RecordId id, string? versionName, string form, string? file, string? purpose)
    {
        if (file is null && form is "original" or "original-1" or "original-2" or "rendition" or Thumbnails.Form && !Console.IsOutputRedirected)
        {
            throw new CommandException(ExitCode.Usage, $"The {form} may be no text, which a terminal cannot show. Name a file with -o, or ask for --as text.");
        }

        using var workspace = context.OpenExisting();
        using var recovering = await RecoveringRecord.FetchAsync(workspace, id, context.Cancellation);
        var archive = recovering?.Archive ?? workspace.OpenArchive();
        var found = archive.Find(id.ToString()) ?? throw NotFound(workspace, id);
        var version = versionName is null ? found.Head
            : VersionNumber.TryParse(versionName, out var named) && named.CompareTo(found.Head) <= 0 ? named
            : throw new CommandException(ExitCode.NotFound, $"The record has versions v1 to {found.Head}; there is no {versionName}.");
        if (form == Thumbnails.Form)
        {
            await AuditedActs.ReadAsync(workspace, form, id, version.Value, purpose, context.Cancellation);
            byte[] picture = await Thumbnails.GetAsync(workspace, archive, found, version, id, context.Cancellation);
            await WriteAsync(workspace, file, async target => await target.WriteAsync(picture, context.Cancellation), context.Cancellation);
            return ExitCode.Done;
        }

        if (form == "original" && ArchivedOriginal.All(found, version).Count() > 1)
        {
            throw new CommandException(
                ExitCode.Usage, "The record has two originals: --as original-1 are the fronts, --as original-2 the backs, --as rendition shows them put together.");
        }

        string name = FileFor(found, version, form)
            ?? throw new CommandException(ExitCode.NotFound, $"{version} of the record has no {form}.");
        await AuditedActs.ReadAsync(workspace, form, id, version.Value, purpose, context.Cancellation);
        using var content = archive.OpenContent(found, version, name);
        if (form == "text")
        {
            await WriteAsync(workspace, file, async target => await WritePagesAsync(content, target, context.Cancellation), context.Cancellation);
        }
        else
        {
            await WriteAsync(workspace, file, target => content.CopyToAsync(target, context.Cancellation), context.Cancellation);
        }

        return ExitCode.Done;
    }

    private static string? FileFor(OcflObject found, VersionNumber version, string form)
    {
        var names = found.ListVersion(version).Select(file => file.LogicalPath);
        return form switch
        {
            "original" or "original-1" or "original-2" => names.FirstOrDefault(name => name.StartsWith($"{form}.", StringComparison.Ordinal)),
            "text" => names.FirstOrDefault(name => name == "text.json"),
            "rendition" => names.FirstOrDefault(name => name == "rendition.pdf"),
            _ => names.FirstOrDefault(name => name == "record.json"),
        };
    }

    // Read to its end before anything is printed: the digest is only checked there.
    private static async Task WritePagesAsync(Stream content, Stream target, CancellationToken cancellation)
    {
        using var whole = new MemoryStream();
        await content.CopyToAsync(whole, cancellation);
        whole.Position = 0;
        var text = await JsonSerializer.DeserializeAsync(whole, RecordJson.Instance.DocumentText, cancellation) ?? DocumentText.Empty;
        await using var writer = new StreamWriter(target, new System.Text.UTF8Encoding(false), leaveOpen: true);
        foreach (var page in text.Pages)
        {
            await writer.WriteAsync((page.Text + "\f").AsMemory(), cancellation);
        }
    }

    private static async Task WriteAsync(Workspace workspace, string? file, Func<Stream, Task> write, CancellationToken cancellation)
    {
        if (file is null)
        {
            await using var standardOutput = Console.OpenStandardOutput();
            await write(standardOutput);
            return;
        }

        await ResultFile.WriteAsync(workspace, file, write, cancellation);
    }
}
