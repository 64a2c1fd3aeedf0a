namespace DocIngest.Pipeline.Retention;

/// <summary>Arithmetic of civil dates. Where a day does not exist, the day after it is meant, so that nothing is kept shorter.</summary>
internal static class CivilDates
{
    private const long MostHours = 15;
    private const long MillisecondsPerHour = 3_600_000;

    /// <summary>The civil date of an instant in a zone.</summary>
    public static DateOnly In(TimeZoneInfo zone, DateTimeOffset instant) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).DateTime);

    /// <summary>The first millisecond of a day in a zone: midnight, or what follows it where clocks skip that.</summary>
    public static DateTimeOffset StartOf(TimeZoneInfo zone, DateOnly date)
    {
        // No zone is more than 14 hours from UTC. Searched by the rule that tells an instant's day, so that both agree.
        var midnight = new DateTimeOffset(date.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        long before = -MostHours * MillisecondsPerHour;
        long from = MostHours * MillisecondsPerHour;
        while (from - before > 1)
        {
            long middle = (before + from) / 2;
            (before, from) = In(zone, midnight.AddMilliseconds(middle)) < date ? (middle, from) : (before, middle);
        }

        return midnight.AddMilliseconds(from);
    }

    /// <summary>The same day so many years later; 1 March for a 29 February that the year lacks.</summary>
    public static DateOnly AddYears(DateOnly date, int years) => AddMonths(date, years * 12);

    /// <summary>The same day so many months later; the first of the next month for a day that the month lacks.</summary>
    public static DateOnly AddMonths(DateOnly date, int months)
    {
        var first = new DateOnly(date.Year, date.Month, 1).AddMonths(months);
        return date.Day <= DateTime.DaysInMonth(first.Year, first.Month) ? first.AddDays(date.Day - 1) : first.AddMonths(1);
    }

    /// <summary>Whole years from birth to a date; negative before birth.</summary>
    public static int Age(DateOnly birth, DateOnly at)
    {
        int years = at.Year - birth.Year;
        return AddYears(birth, years) <= at ? years : years - 1;
    }
}
