using DocIngest.Pipeline.Retention;

namespace DocIngest.Pipeline.Statistics;

/// <summary>The days that are counted, in the calendar of the retention schedule.</summary>
/// <param name="Zone">Whose calendar.</param>
/// <param name="From">The first day; null for all before.</param>
/// <param name="To">The last day; null for all after.</param>
public sealed record StatsSpan(TimeZoneInfo Zone, DateOnly? From, DateOnly? To)
{
    /// <summary>The first instant of it; null where it has no beginning.</summary>
    internal DateTimeOffset? Start => From is { } day ? CivilDates.StartOf(Zone, day) : null;

    /// <summary>The first instant after it; null where it has no end.</summary>
    internal DateTimeOffset? End => To is { } day ? CivilDates.StartOf(Zone, day.AddDays(1)) : null;

    /// <summary>The days from one instant of it to another, or the parts of months.</summary>
    internal IEnumerable<StatsPeriod> Divide(DateTimeOffset first, DateTimeOffset last, bool byDay)
    {
        var end = CivilDates.In(Zone, last);
        for (var day = CivilDates.In(Zone, first); day <= end;)
        {
            var next = byDay ? day.AddDays(1) : new DateOnly(day.Year, day.Month, 1).AddMonths(1);
            yield return new StatsPeriod(day, CivilDates.StartOf(Zone, day), Earlier(CivilDates.StartOf(Zone, next), End));
            day = next;
        }
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset? other) => other < one ? other.Value : one;
}

/// <summary>A day, or the part of a month that is counted.</summary>
/// <param name="Day">Its first day.</param>
/// <param name="Start">Its first instant.</param>
/// <param name="End">The first instant after it.</param>
internal sealed record StatsPeriod(DateOnly Day, DateTimeOffset Start, DateTimeOffset End);

/// <summary>What counts are broken down by.</summary>
public enum StatsDimension
{
    /// <summary>The day on which it came in.</summary>
    Day,

    /// <summary>The month.</summary>
    Month,

    /// <summary>The record class.</summary>
    Class,

    /// <summary>The intake profile, which is a drop folder.</summary>
    Source,

    /// <summary>The account that filed the first version.</summary>
    Operator,
}

/// <summary>One line of a breakdown.</summary>
/// <param name="Name">The day, month, class, profile or account.</param>
/// <param name="Counts">Its counts.</param>
public sealed record StatsRow<T>(string Name, T Counts);
