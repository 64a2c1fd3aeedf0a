using System.CommandLine;
using DocIngest.Backup.Snapshots;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.CommandLine.Backups;

/// <summary>restic's forget policy on the command line. One rule given there, and the configured ones do not count.</summary>
internal sealed class KeepPolicyOptions
{
    private readonly Option<int?> _last = Count("last", "Keep the newest N snapshots");
    private readonly Option<int?> _hourly = Count("hourly", "Keep the newest snapshot of each of the last N hours that have any");
    private readonly Option<int?> _daily = Count("daily", "… of the last N days");
    private readonly Option<int?> _weekly = Count("weekly", "… of the last N weeks");
    private readonly Option<int?> _monthly = Count("monthly", "… of the last N months");
    private readonly Option<int?> _yearly = Count("yearly", "… of the last N years");
    private readonly Option<CalendarSpan?> _within = Span("within", "Keep all snapshots within this span before the newest");
    private readonly Option<CalendarSpan?> _withinHourly = Span("within-hourly", "Keep the newest of each hour within this span");
    private readonly Option<CalendarSpan?> _withinDaily = Span("within-daily", "… of each day");
    private readonly Option<CalendarSpan?> _withinWeekly = Span("within-weekly", "… of each week");
    private readonly Option<CalendarSpan?> _withinMonthly = Span("within-monthly", "… of each month");
    private readonly Option<CalendarSpan?> _withinYearly = Span("within-yearly", "… of each year");
    private readonly Option<string[]> _tags = new("--keep-tag")
    {
        Description = "Keep snapshots with all these tags. May be repeated.",
        HelpName = "TAG[,TAG…]",
    };

    public IEnumerable<Option> All =>
    [
        _last, _hourly, _daily, _weekly, _monthly, _yearly, _within, _withinHourly, _withinDaily, _withinWeekly, _withinMonthly, _withinYearly, _tags,
    ];

    /// <summary>Whether the command line has a rule.</summary>
    public bool IsGiven(CommandContext context) => All.Any(context.IsTyped);

    /// <summary>The policy of the command line, else that of the configuration.</summary>
    /// <exception cref="CommandException">What was typed keeps nothing: neither that nor the configuration can be what was meant; exit 2.</exception>
    public SnapshotPolicy Of(CommandContext context, KeepOptions configured)
    {
        if (!IsGiven(context))
        {
            return FromConfiguration(configured);
        }

        return FromLine(context) is { IsEmpty: false } typed ? typed : throw new CommandException(
            ExitCode.Usage, "The rules that were typed keep nothing: a rule of 0 is none. Nothing was forgotten.");
    }

    private SnapshotPolicy FromLine(CommandContext context) => new()
    {
        KeepLast = context.Get(_last) ?? 0,
        KeepHourly = context.Get(_hourly) ?? 0,
        KeepDaily = context.Get(_daily) ?? 0,
        KeepWeekly = context.Get(_weekly) ?? 0,
        KeepMonthly = context.Get(_monthly) ?? 0,
        KeepYearly = context.Get(_yearly) ?? 0,
        KeepWithin = context.Get(_within) ?? default,
        KeepWithinHourly = context.Get(_withinHourly) ?? default,
        KeepWithinDaily = context.Get(_withinDaily) ?? default,
        KeepWithinWeekly = context.Get(_withinWeekly) ?? default,
        KeepWithinMonthly = context.Get(_withinMonthly) ?? default,
        KeepWithinYearly = context.Get(_withinYearly) ?? default,
        KeepTags = FilterOptions.TagLists(context.Get(_tags)),
    };

    private static SnapshotPolicy FromConfiguration(KeepOptions keep) => new()
    {
        KeepLast = keep.Last,
        KeepHourly = keep.Hourly,
        KeepDaily = keep.Daily,
        KeepWeekly = keep.Weekly,
        KeepMonthly = keep.Monthly,
        KeepYearly = keep.Yearly,
        KeepWithin = CalendarSpan.TryParse(keep.Within ?? "", out var span) ? span : throw new InvalidOperationException("The configuration was checked."),
    };

    private static Option<int?> Count(string rule, string description)
    {
        var option = new Option<int?>($"--keep-{rule}") { Description = $"{description} ('-1' or 'unlimited': all).", HelpName = "N" };
        option.CustomParser = result =>
        {
            string text = result.Tokens[^1].Value;
            if (text == "unlimited")
            {
                return SnapshotPolicy.Unlimited;
            }

            if (int.TryParse(text, out int count) && count >= SnapshotPolicy.Unlimited)
            {
                return count;
            }

            result.AddError($"--keep-{rule} takes a whole number, or 'unlimited', not \"{text}\".");
            return null;
        };
        return option;
    }

    private static Option<CalendarSpan?> Span(string rule, string description)
    {
        var option = new Option<CalendarSpan?>($"--keep-{rule}") { Description = $"{description}, as 1y5m7d2h.", HelpName = "SPAN" };
        option.CustomParser = result =>
        {
            if (CalendarSpan.TryParse(result.Tokens[^1].Value, out var span) && !span.IsZero)
            {
                return span;
            }

            result.AddError($"--keep-{rule} takes a span of years, months, days and hours as 1y5m7d2h, not \"{result.Tokens[^1].Value}\".");
            return null;
        };
        return option;
    }
}
