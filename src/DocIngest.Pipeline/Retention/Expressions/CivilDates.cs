namespace DocIngest.Pipeline.Retention;

/// <summary>Arithmetic of civil dates. Where a day does not exist, the day after it is meant, so that nothing is kept shorter.</summary>
internal static class CivilDates
{
    /// <summary>The civil date of an instant in a zone.</summary>
    public static DateOnly In(TimeZoneInfo zone, DateTimeOffset instant) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).DateTime);

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
