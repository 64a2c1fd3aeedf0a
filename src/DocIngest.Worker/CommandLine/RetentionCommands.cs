using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Retention;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>retention plan|schema</c></summary>
internal static class RetentionCommands
{
    // The audit is flushed before they are shown: for a plan of 100,000 records twenty times.
    private const int RecordsInOneFlush = 5_000;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create(CommandFactory commands) => CommandFactory.Group(
        "retention", "How long records are kept, and why; and how they are destroyed.",
        [
            CreatePlan(commands),
            .. DispositionCommands.Create(commands),
            commands.Create("schema", "Print the JSON schema of the retention schedule.", Schema),
        ]);

    private static Task<int> Schema(CommandContext context)
    {
        context.Output.Words.WriteLine(ConfigSchema.CreateOfRetention().ToJsonString(Indented));
        return Task.FromResult(ExitCode.Done);
    }

    private static Command CreatePlan(CommandFactory commands)
    {
        var ids = new Argument<string[]>("ID") { Description = "Record ids. Default: all records.", Arity = ArgumentArity.ZeroOrMore };
        var recordClass = new Option<string?>("--class") { Description = "Only records of this class.", HelpName = "C" };
        var dueBefore = new Option<string?>("--due-before") { Description = "Only records whose due date is before this day (2026-01-31).", HelpName = "D" };
        return commands.Create(
            "plan", "Say of each record why it is kept and until when, worked out anew from schedule and events. Changes nothing.",
            context => PlanAsync(context, [.. (context.Get(ids) ?? []).Select(RecordCommands.ParseId)], context.Get(recordClass), Day(context.Get(dueBefore))),
            ids, recordClass, dueBefore);
    }

    private static DateOnly? Day(string? text) =>
        text is null ? null
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day
        : throw new CommandException(ExitCode.Usage, $"--due-before {text} is no day such as 2026-01-31.");

    private static async Task<int> PlanAsync(CommandContext context, IReadOnlyList<RecordId> ids, string? recordClass, DateOnly? dueBefore)
    {
        using var workspace = context.OpenExisting();
        var schedule = context.LoadSchedule(workspace.Options);
        using var catalog = new RetentionReader(workspace.Database);
        var archive = workspace.OpenArchive();
        var planner = new RetentionPlanner(schedule, catalog, workspace.SystemObjectsOf(archive), workspace.Time, workspace.HoldsIn(archive).InForce());
        var planned = ids.Count == 0
            ? planner.Plan(recordClass)
            : ids.Select(id => planner.Plan(id) ?? throw RecordCommands.NotFound(id)).Where(one => recordClass is null || one.RecordClass == recordClass);
        var sums = new SortedDictionary<string, int>(StringComparer.Ordinal);
        int held = 0;
        await foreach (var shown in AheadAsync(planned.Where(one => dueBefore is null || one.Verdict.DueDate < dueBefore).Chunk(RecordsInOneFlush).DefaultIfEmpty([])))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            await AuditedActs.SearchAsync(
                workspace, "retention-plan", [.. shown.Select(one => new AuditEntity(AuditEntity.Record, one.Id.ToString(), one.Version))], purpose: null, context.Cancellation);
            foreach (var one in shown)
            {
                Print(context.Output, one, isExplained: ids.Count > 0);
                sums[one.Verdict.Word] = sums.GetValueOrDefault(one.Verdict.Word) + 1;
                held += one.Holds.Count > 0 ? 1 : 0;
            }
        }

        context.Output.Item(
            new { Records = sums.Values.Sum(), States = sums, Held = held },
            words => words.WriteLine($"{sums.Values.Sum():N0} record(s){string.Concat(sums.Select(sum => $", {sum.Value:N0} {InWords(sum.Key)}"))}{(held == 0 ? "" : $"; {held:N0} of them held")}."));
        return ExitCode.Done;
    }

    // The next are worked out while these are recorded and printed: by one thread at a time, as the catalog's reader wants it.
    private static async IAsyncEnumerable<PlannedRecord[]> AheadAsync(IEnumerable<PlannedRecord[]> chunks)
    {
        using var each = chunks.GetEnumerator();
        var next = NextAsync();
        try
        {
            while (await next is { } chunk)
            {
                next = NextAsync();
                yield return chunk;
            }
        }
        finally
        {
            await Task.WhenAny(next);   // whoever leaves early closes the catalog
        }

        Task<PlannedRecord[]?> NextAsync() => Task.Run(() => each.MoveNext() ? each.Current : null);
    }

    private static void Print(CommandOutput output, PlannedRecord planned, bool isExplained) => output.Item(
        new
        {
            Id = planned.Id.ToString(),
            Version = $"v{planned.Version}",
            State = planned.Verdict.Word,
            planned.RecordClass,
            planned.Schedule?.Title,
            planned.Schedule?.Mandate,
            Expression = planned.Schedule?.ExpressionText,
            Action = planned.Schedule is { Action: var action } ? JsonNamingPolicy.CamelCase.ConvertName(action.ToString()) : null,
            Triggers = planned.Triggers.Select(trigger => new { trigger.Name, trigger.Date, trigger.Evidence, trigger.Problem }),
            planned.Verdict.DueDate,
            planned.Verdict.EligibleFrom,
            Reason = ReasonOf(planned.Verdict),
            planned.Holds,
        },
        words =>
        {
            string until = planned.Verdict.DueDate is { } day ? $"  until the end of {day:yyyy-MM-dd}" : "";
            string reason = ReasonOf(planned.Verdict) is { } why ? $": {why}" : "";
            words.WriteLine($"{planned.Id}  v{planned.Version}  {TerminalText.OneLine(planned.RecordClass)}  {InWords(planned.Verdict.Word)}{until}{reason}{(planned.Holds.Count == 0 ? "" : $"  held by {string.Join(", ", planned.Holds)}")}");
            if (isExplained && planned.Schedule is { } schedule)
            {
                Explain(words, planned, schedule);
            }
        });

    private static void Explain(TextWriter words, PlannedRecord planned, RetentionClass schedule)
    {
        words.WriteLine($"  class       {schedule.Title}");
        words.WriteLine($"  mandate     {schedule.Mandate}");
        words.WriteLine($"  action      {JsonNamingPolicy.CamelCase.ConvertName(schedule.Action.ToString())}");
        if (schedule.ExpressionText is not null)
        {
            words.WriteLine($"  expression  {TerminalText.OneLine(schedule.ExpressionText)}");
        }

        foreach (var trigger in planned.Triggers)
        {
            words.WriteLine(trigger.Date is { } date
                ? $"  trigger     {trigger.Name} {date:yyyy-MM-dd}, by {trigger.Evidence}"
                : $"  trigger     {trigger.Name}: {trigger.Problem}");
        }

        if (planned.Verdict.EligibleFrom is { } from)
        {
            words.WriteLine($"  eligible    from {from:yyyy-MM-dd}");
        }
    }

    private static string? ReasonOf(RetentionVerdict verdict) => (verdict as RetentionVerdict.Kept)?.Reason;

    private static string InWords(string state) => state switch
    {
        "notDue" => "not due",
        "noSchedule" => "no schedule for its class",
        _ => state,
    };
}
