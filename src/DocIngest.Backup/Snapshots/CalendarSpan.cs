using System.Globalization;
using System.Text;
using DocIngest.Backup.Encoding;

namespace DocIngest.Backup.Snapshots;

/// <summary>A span by the calendar, as <c>1y5m7d2h</c>: how long a month is depends on where it is counted from.</summary>
public readonly record struct CalendarSpan
{
    private const int LongestNumber = 1_000_000;   // far beyond the years a snapshot can have, and no step overflows

    /// <exception cref="ArgumentOutOfRangeException">A negative number, or one beyond a million.</exception>
    public CalendarSpan(int years = 0, int months = 0, int days = 0, int hours = 0)
    {
        Years = Checked(years);
        Months = Checked(months);
        Days = Checked(days);
        Hours = Checked(hours);
    }

    /// <summary>Years, of 365 or 366 days.</summary>
    public int Years { get; }

    /// <summary>Months, of 28 to 31 days.</summary>
    public int Months { get; }

    /// <summary>Days of the zone's calendar.</summary>
    public int Days { get; }

    /// <summary>Hours of 3600 seconds.</summary>
    public int Hours { get; }

    /// <summary>Whether it is no span at all.</summary>
    public bool IsZero => this == default;

    /// <summary>Reads numbers with the units <c>y m d h</c>, in any order; of a repeated unit the last counts, as in restic.</summary>
    public static bool TryParse(string? text, out CalendarSpan span)
    {
        span = default;
        if (text is null)
            return false;
        var (years, months, days, hours) = (0, 0, 0, 0);
        for (var rest = text.AsSpan().Trim(); !rest.IsEmpty;)
        {
            int digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (digits <= 0 || !int.TryParse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number > LongestNumber)
                return false;
            switch (rest[digits])
            {
                case 'y':
                    years = number;
                    break;
                case 'm':
                    months = number;
                    break;
                case 'd':
                    days = number;
                    break;
                case 'h':
                    hours = number;
                    break;
                default:
                    return false;
            }

            rest = rest[(digits + 1)..];
        }

        span = new CalendarSpan(years, months, days, hours);
        return true;
    }

    /// <summary>As restic writes it; empty for zero.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (number, unit) in new[] { (Years, 'y'), (Months, 'm'), (Days, 'd'), (Hours, 'h') })
        {
            if (number != 0)
                text.Append(number).Append(unit);
        }

        return text.ToString();
    }

    /// <summary>The instant so long before a time, by the calendar of its zone. March 31st less a month is February 31st, which is March 2nd or 3rd.</summary>
    internal UnixTime Before(ZonedTime time)
    {
        var date = CivilDate.FromDays(time.LocalDay);
        long day = new CivilDate(date.Year - Years, date.Month - Months, date.Day - Days).ToDays();
        long seconds = (day * 86_400) + time.LocalSecondOfDay - (time.OffsetMinutes * 60L) - (Hours * 3600L);
        return new UnixTime(seconds, time.Instant.Nanoseconds);
    }

    private static int Checked(int number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, LongestNumber);
        return number;
    }
}
