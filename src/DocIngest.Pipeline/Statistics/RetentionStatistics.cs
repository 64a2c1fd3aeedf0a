using DocIngest.Pipeline.Retention;

namespace DocIngest.Pipeline.Statistics;

/// <summary>Records by what the retention plan says of them.</summary>
/// <param name="Records">All: the sum of the states.</param>
/// <param name="NotDue">Kept until a day that is not over.</param>
/// <param name="DueWithin">Of those, the ones that may go within the days that were asked for.</param>
/// <param name="Due">Overdue: kept until a day that is over.</param>
/// <param name="Kept">Kept, since nobody can say until when.</param>
/// <param name="Permanent">Kept for ever.</param>
/// <param name="NoSchedule">Kept, since the schedule does not know their class.</param>
/// <param name="Held">Of all, those that a legal hold covers.</param>
public sealed record RetentionCounts(long Records, long NotDue, long DueWithin, long Due, long Kept, long Permanent, long NoSchedule, long Held)
{
    internal static RetentionCounts None { get; } = new(0, 0, 0, 0, 0, 0, 0, 0);

    internal RetentionCounts Plus(PlannedRecord planned, DateOnly limit) => Plus(planned.Verdict, limit) with { Held = Held + (planned.Holds.Count > 0 ? 1 : 0) };

    private RetentionCounts Plus(RetentionVerdict verdict, DateOnly limit) => verdict switch
    {
        RetentionVerdict.NotDue => this with { Records = Records + 1, NotDue = NotDue + 1, DueWithin = DueWithin + (verdict.EligibleFrom <= limit ? 1 : 0) },
        RetentionVerdict.Due => this with { Records = Records + 1, Due = Due + 1 },
        RetentionVerdict.Kept => this with { Records = Records + 1, Kept = Kept + 1 },
        RetentionVerdict.Permanent => this with { Records = Records + 1, Permanent = Permanent + 1 },
        RetentionVerdict.NoSchedule => this with { Records = Records + 1, NoSchedule = NoSchedule + 1 },
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    internal RetentionCounts Plus(RetentionCounts other) => new(
        Records + other.Records, NotDue + other.NotDue, DueWithin + other.DueWithin, Due + other.Due, Kept + other.Kept, Permanent + other.Permanent,
        NoSchedule + other.NoSchedule, Held + other.Held);

    internal bool AddsUp => Records == NotDue + Due + Kept + Permanent + NoSchedule && DueWithin <= NotDue && Held <= Records;
}

/// <summary>The retention plan in numbers: all records of the catalog, as of today.</summary>
/// <param name="Today">The day in the schedule's zone.</param>
/// <param name="WithinDays">How far <see cref="RetentionCounts.DueWithin"/> looks.</param>
/// <param name="Total">All records.</param>
/// <param name="ByClass">By record class.</param>
public sealed record RetentionStatistics(DateOnly Today, int WithinDays, RetentionCounts Total, IReadOnlyList<StatsRow<RetentionCounts>> ByClass)
{
    /// <summary>Whether states and classes sum to the total, which is counted by itself.</summary>
    public bool AddsUp => Total.AddsUp && ByClass.Aggregate(RetentionCounts.None, (sum, row) => sum.Plus(row.Counts)) == Total;

    /// <summary>Counts a plan as it is made, a record at a time.</summary>
    public static RetentionStatistics Of(IEnumerable<PlannedRecord> plan, DateOnly today, int withinDays)
    {
        var limit = today.DayNumber > DateOnly.MaxValue.DayNumber - withinDays ? DateOnly.MaxValue : today.AddDays(withinDays);
        var total = RetentionCounts.None;
        var byClass = new SortedDictionary<string, RetentionCounts>(StringComparer.Ordinal);
        foreach (var record in plan)
        {
            total = total.Plus(record, limit);
            byClass[record.RecordClass] = byClass.GetValueOrDefault(record.RecordClass, RetentionCounts.None).Plus(record, limit);
        }

        return new RetentionStatistics(today, withinDays, total, [.. byClass.Select(pair => new StatsRow<RetentionCounts>(pair.Key, pair.Value))]);
    }
}
