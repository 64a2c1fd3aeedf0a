namespace DocIngest.Backup.Encoding;

/// <summary>A date of the Gregorian calendar in any year. The framework's own know the years 1 to 9999 only; a repository may hold year 0.</summary>
internal readonly record struct CivilDate(long Year, int Month, int Day)
{
    private const int DaysInEra = 146_097;   // 400 years, after which the calendar repeats
    private const int DaysBeforeEpoch = 719_468;   // from 0000-03-01 to 1970-01-01

    /// <summary>The date so many days after 1970-01-01.</summary>
    /// <remarks>Years are counted from March, so that the leap day is the last of its year.</remarks>
    internal static CivilDate FromDays(long days)
    {
        long shifted = days + DaysBeforeEpoch;
        long era = FloorDivide(shifted, DaysInEra);
        int dayOfEra = (int)(shifted - (era * DaysInEra));
        int yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        int dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        int monthFromMarch = ((5 * dayOfYear) + 2) / 153;
        int month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
        int day = dayOfYear - (((153 * monthFromMarch) + 2) / 5) + 1;
        return new CivilDate(yearOfEra + (era * 400) + (month <= 2 ? 1 : 0), month, day);
    }

    /// <summary>Days since 1970-01-01. A month or day beyond its range carries over: February 30th is the 1st or 2nd of March.</summary>
    internal long ToDays()
    {
        long months = (Year * 12) + Month - 1;
        long year = FloorDivide(months, 12);
        int month = (int)(months - (year * 12)) + 1;
        year -= month <= 2 ? 1 : 0;
        long era = FloorDivide(year, 400);
        int yearOfEra = (int)(year - (era * 400));
        int dayOfYear = ((153 * (month > 2 ? month - 3 : month + 9)) + 2) / 5;
        int dayOfEra = (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear;
        return (era * DaysInEra) + dayOfEra - DaysBeforeEpoch + Day - 1;
    }

    /// <summary>Whether the calendar has this day.</summary>
    internal bool Exists => Month is >= 1 and <= 12 && Day is >= 1 and <= 31 && FromDays(ToDays()) == this;

    internal static long FloorDivide(long value, long by)
    {
        long quotient = value / by;
        return value < quotient * by ? quotient - 1 : quotient;
    }
}
