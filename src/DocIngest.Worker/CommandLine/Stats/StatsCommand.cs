using System.CommandLine;
using System.Globalization;
using DocIngest.Pipeline.Statistics;

namespace DocIngest.Worker.CommandLine.Stats;

/// <summary><c>stats</c>: how much came in, when, of what and from where; what is due; how many patients came and went. Numbers alone, so nothing for the audit.</summary>
internal static class StatsCommand
{
    /// <summary>Format and version of the document that <c>--json</c> prints (docs/formats/stats.md).</summary>
    public const string Format = "docingest-stats/1";

    private const int DefaultDays = 365;
    private const int MostDays = 36_500;

    // What the calendar of ids can hold, and older than any event.
    private static readonly DateOnly Earliest = new(1900, 1, 1);
    private static readonly DateOnly Latest = new(2100, 12, 31);

    private static readonly StatsDimension[] DefaultDimensions = [StatsDimension.Month, StatsDimension.Class, StatsDimension.Source, StatsDimension.Operator];

    public static Command Create(CommandFactory commands)
    {
        var from = new Option<string?>("--from") { Description = "Counted from this day on (2026-01-31, in the time zone of the retention schedule).", HelpName = "D" };
        var to = new Option<string?>("--to") { Description = "Counted up to this day, all of it.", HelpName = "D" };
        var by = new Option<string[]>("--by")
        {
            Description = "Broken down by day, month, class, source (profile) or operator (account that filed); several may be given. Default: all but day.", HelpName = "DIMENSION",
        };
        by.AcceptOnlyFromAmong([.. Enum.GetValues<StatsDimension>().Select(StatsWords.Of)]);
        var due = new Option<int?>("--due-within") { Description = $"Records that may go within so many days from today. Default {DefaultDays}.", HelpName = "DAYS" };
        var sections = new Option<string[]>("--section") { Description = $"Only this section; several may be given: {string.Join(", ", StatsSection.All.Select(one => one.Name))}.", HelpName = "S" };
        sections.AcceptOnlyFromAmong([.. StatsSection.All.Select(one => one.Name)]);
        return commands.Create(
            "stats", "Count what came in by day, class, source and operator, what is due, and what happened to patients. Shows no record.",
            context => Run(
                context, Day("--from", context.Get(from)), Day("--to", context.Get(to)), Dimensions(context.Get(by)), Days(context.Get(due)), Sections(context.Get(sections))),
            from, to, by, due, sections);
    }

    private static Task<int> Run(
        CommandContext context, DateOnly? from, DateOnly? to, IReadOnlyList<StatsDimension> by, int dueWithinDays, IReadOnlyList<StatsSection> sections)
    {
        if (from > to)
        {
            throw new CommandException(ExitCode.Usage, "--from is after --to.");
        }

        using var workspace = context.OpenExisting();
        var schedule = context.LoadSchedule(workspace.Options);
        var now = workspace.Time.GetUtcNow();
        var span = new StatsSpan(schedule.Zone, from, to);
        using var reader = new StatsReader(workspace.Database, span, context.Cancellation);
        var request = new StatsRequest(workspace, schedule, reader, span, schedule.DateOf(now), by, dueWithinDays, context.Cancellation);
        var parts = sections.Select(section => (section.Name, Part: section.Count(request))).ToList();
        bool addsUp = parts.TrueForAll(one => one.Part.AddsUp);
        bool isComplete = parts.TrueForAll(one => one.Part.Uncounted is null);
        var document = new Dictionary<string, object?>
        {
            ["format"] = Format, ["madeAt"] = now, ["timeZone"] = schedule.Zone.Id, ["from"] = from, ["to"] = to, ["addsUp"] = addsUp, ["complete"] = isComplete,
        };
        foreach (var (name, part) in parts)
        {
            document[name] = part.Json;
        }

        context.Output.Result(document, words =>
        {
            words.WriteLine($"{InWords(from, to)}, days of {schedule.Zone.Id}");
            foreach (var (_, part) in parts)
            {
                words.WriteLine();
                part.Words(words);
                words.Write(part.AddsUp ? "" : "DOES NOT ADD UP\n");
                words.Write(part.Uncounted is { } missing ? $"NOT COMPLETE: {missing}\n" : "");
            }
        });
        return Task.FromResult(!addsUp ? ExitCode.Findings : isComplete ? ExitCode.Done : ExitCode.Partial);
    }

    private static string InWords(DateOnly? from, DateOnly? to) => (from, to) switch
    {
        ({ } first, { } last) => $"{first:yyyy-MM-dd} to {last:yyyy-MM-dd}",
        ({ } first, null) => $"from {first:yyyy-MM-dd} on",
        (null, { } last) => $"up to {last:yyyy-MM-dd}",
        _ => "all",
    };

    private static DateOnly? Day(string option, string? text) =>
        text is null ? null
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day >= Earliest && day <= Latest ? day
        : throw new CommandException(ExitCode.Usage, $"{option} {text} is no day such as 2026-01-31, from {Earliest:yyyy-MM-dd} to {Latest:yyyy-MM-dd}.");

    private static int Days(int? given) =>
        given is null or (>= 0 and <= MostDays) ? given ?? DefaultDays : throw new CommandException(ExitCode.Usage, $"--due-within is a number of days, up to {MostDays:N0}.");

    private static StatsDimension[] Dimensions(string[]? given) => given is { Length: > 0 } words ? [.. words.Select(StatsWords.Dimension).Distinct()] : DefaultDimensions;

    private static StatsSection[] Sections(string[]? given) => given is { Length: > 0 } names ? [.. StatsSection.All.Where(one => names.Contains(one.Name))] : [.. StatsSection.All];
}
