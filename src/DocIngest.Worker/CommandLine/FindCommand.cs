using System.CommandLine;
using System.Globalization;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Records;
using DocIngest.Worker.Configuration;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>find</c></summary>
internal static class FindCommand
{
    private const int DefaultLimit = 20;

    public static Command Create(CommandFactory commands)
    {
        var query = new Argument<string[]>("QUERY")
        {
            Description = "Words and \"quoted phrases\"; a trailing * finds beginnings; - reads the query from standard input.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var field = new Option<string[]>("--field") { Description = "Only records with this field value; may be repeated.", HelpName = "K=V", Arity = ArgumentArity.OneOrMore };
        var recordClass = new Option<string?>("--class") { Description = "Only this record class.", HelpName = "C" };
        var flag = new Option<string[]>("--flag") { Description = "Only records with this flag, such as late-bytes or one a rule sets; may be repeated.", HelpName = "F", Arity = ArgumentArity.OneOrMore };
        var tag = new Option<string[]>("--tag") { Description = "Only records with this tag; may be repeated.", HelpName = "T", Arity = ArgumentArity.OneOrMore };
        var textStatus = new Option<string?>("--text-status") { Description = "Only records in this state of reading, such as pending-ocr or encrypted.", HelpName = "S" };
        var withdrawn = new Option<bool>("--withdrawn") { Description = "Withdrawn records alone, which are passed over otherwise." };
        var from = new Option<string?>("--from") { Description = "Received on or after this day (2026-01-31, UTC) or instant.", HelpName = "D" };
        var to = new Option<string?>("--to") { Description = "Received on or before this day, or before this instant.", HelpName = "D" };
        var limit = new Option<int>("--limit") { Description = "Most records to list; 0 for all.", HelpName = "N", DefaultValueFactory = _ => DefaultLimit };
        var rank = new Option<bool>("--rank") { Description = "Best match first instead of newest first." };
        limit.Validators.Add(result =>
        {
            if (result.Tokens is [var typed] && int.TryParse(typed.Value, out int number) && number < 0)   // no number at all: the parser says so
            {
                result.AddError("--limit must not be negative.");
            }
        });
        var purpose = AuditedActs.PurposeOption();
        return commands.Create("find", "Find records, newest first.", async context => await RunAsync(context, context.Get(purpose), new FindQuery
        {
            Text = await QueryTextAsync(context.Get(query) ?? [], context.Cancellation),
            Fields = [.. (context.Get(field) ?? []).Select(ParseField)],
            RecordClass = context.Get(recordClass),
            Flags = context.Get(flag) ?? [],
            Tags = context.Get(tag) ?? [],
            TextStatus = context.Get(textStatus) is { } status ? ParseStatus(status) : null,
            Withdrawn = context.Get(withdrawn),
            From = ParseInstant(context.Get(from), endOfDay: false),
            To = ParseInstant(context.Get(to), endOfDay: true),
            Limit = context.Get(limit) == 0 ? null : context.Get(limit),
            Rank = context.Get(rank),
        }), query, field, recordClass, flag, tag, textStatus, withdrawn, from, to, limit, rank, purpose);
    }

    private static async Task<int> RunAsync(CommandContext context, string? purpose, FindQuery query)
    {
        using var workspace = context.OpenExisting();
        query = query.Fields.Count == 0 ? query : query with { Fields = Normalised(context, workspace, query.Fields) };
        int found = 0;
        foreach (var records in workspace.Catalog.Find(query, context.Cancellation).Chunk(AuditedActs.MostInOneEntry))
        {
            await RecordAsync(workspace, records, purpose, context.Cancellation);   // before any of them is shown
            found += records.Length;
            foreach (var record in records)
            {
                Print(context.Output, record);
            }
        }

        if (found == 0)
        {
            await RecordAsync(workspace, [], purpose, context.Cancellation);
        }

        context.Output.Remark(Summary(query, found));
        return ExitCode.Done;
    }

    // As they are kept, and as they were typed. Whoever looks for a record must not be stopped by rules that have faults.
    private static FieldValue[] Normalised(CommandContext context, Workspace workspace, IReadOnlyList<FieldValue> typed)
    {
        var rules = RuleSet.Empty;
        try
        {
            rules = RulesFile.Load(context.ConfigPath, workspace.Options);
        }
        catch (ConfigException)
        {
            context.Output.Remark("The rules have faults ('config check' lists them): what kinds of values fields hold is not known.");
        }

        return [.. typed.Select(field => rules.Normalise(profile: null, field.Name, field.Value) is var kept && kept != field.Value ? field with { Value = kept, Or = field.Value } : field)];
    }

    private static Task RecordAsync(Workspace workspace, FoundRecord[] shown, string? purpose, CancellationToken cancellation) => AuditedActs.SearchAsync(
        workspace, "find", [.. shown.Select(one => new AuditEntity(AuditEntity.Record, one.Record.Id.ToString(), one.Version))], purpose, cancellation);

    /// <summary>How many were found, and whether that may not be all.</summary>
    internal static string Summary(FindQuery query, int found) => found switch
    {
        0 => "Nothing found.",
        FindQuery.MaxRanked when query.IsRanked => $"The best {found:N0}; there may be more, but --rank lists no more than that.",
        _ when found == query.MostRecords => $"The {(query.IsRanked ? "best" : "newest")} {found:N0}; there may be more (--limit).",
        _ => $"{found:N0} found.",
    };

    private static void Print(CommandOutput output, FoundRecord found)
    {
        var record = found.Record;
        output.Item(
            new
            {
                record.Flags,   // first: they must catch the eye
                record.Withdrawn,
                Id = record.Id.ToString(),
                Version = $"v{found.Version}",
                record.RecordClass,
                record.Title,
                record.Fields,
                record.Tags,
                found.Snippet,
                record.ReceivedAt,
                record.DocumentKey,
                record.Profile,
                record.FileName,
                record.TextStatus,
                Pages = record.Pages.Total,
                found.Score,
            },
            words =>
            {
                string flags = RecordCommands.WithdrawnMark(record) + (record.Flags.Count == 0 ? "" : $"[{string.Join(", ", record.Flags)}] ");
                words.WriteLine($"{flags}{record.Id}  v{found.Version}  {record.ReceivedAt:yyyy-MM-dd HH:mm}Z  "
                    + $"{TerminalText.OneLine(record.RecordClass)}  {TerminalText.OneLine(record.FileName)}"
                    + (record.Title is null ? "" : $"  {TerminalText.OneLine(record.Title)}"));
                if (!string.IsNullOrWhiteSpace(found.Snippet))
                {
                    words.WriteLine($"    {TerminalText.OneLine(found.Snippet)}");
                }
            });
    }

    // From standard input a query stays out of the shell's history and the process list (I6).
    private static async Task<string> QueryTextAsync(string[] words, CancellationToken cancellation) => words is ["-"]
        ? await Task.Run(Console.In.ReadToEnd, cancellation).WaitAsync(cancellation)   // nothing ends a read from a terminal: leave it behind
        : string.Join(' ', words);

    private static FieldValue ParseField(string text) =>
        text.IndexOf('=') is > 0 and var at
            ? new FieldValue(text[..at], text[(at + 1)..])
            : throw new CommandException(ExitCode.Usage, "--field takes NAME=VALUE.");

    private static TextStatus ParseStatus(string word) => TextStatusWords.TryParse(word, out var status)
        ? status
        : throw new CommandException(ExitCode.Usage, $"--text-status takes one of {string.Join(", ", TextStatusWords.All)}.");

    /// <summary>Reads a day or an instant as people type it; null where nothing was typed.</summary>
    /// <exception cref="CommandException">Neither; exit 2.</exception>
    internal static DateTimeOffset? ParseInstant(string? text, bool endOfDay)
    {
        if (text is null)
        {
            return null;
        }

        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", out var day))
        {
            var midnight = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
            return !endOfDay ? midnight : day == DateOnly.MaxValue ? DateTimeOffset.MaxValue : midnight.AddDays(1);
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
            ? instant
            : throw new CommandException(ExitCode.Usage, $"'{text}' is no day such as 2026-01-31 and no instant such as 2026-01-31T12:00:00Z.");
    }
}
