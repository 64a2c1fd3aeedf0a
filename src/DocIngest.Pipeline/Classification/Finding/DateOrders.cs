namespace DocIngest.Pipeline.Classification;

/// <summary>Decides which number of a date is the day.</summary>
internal static class DateOrders
{
    private const string English = "en";

    /// <summary>Whether the day comes first in dates of a document that could be read either way.</summary>
    /// <param name="setting">The profile's.</param>
    /// <param name="language">The document's; null where unknown.</param>
    /// <param name="readings">All its dates.</param>
    public static bool IsDayFirst(DateOrder setting, string? language, IEnumerable<DateReading> readings)
    {
        if (setting != DateOrder.ByLanguage)
        {
            return setting == DateOrder.DayFirst;
        }

        var shown = readings.OfType<DateReading.Shown>().Select(reading => reading.IsDayFirst).Distinct().ToList();
        return shown.Count == 1 ? shown[0] : language != English;
    }

    /// <summary>The day a reading means.</summary>
    public static DateOnly Day(DateReading reading, bool isDayFirst, DateOrder setting) => reading switch
    {
        DateReading.Plain plain => plain.Day,
        DateReading.Shown shown => shown.Day,
        DateReading.Ambiguous ambiguous => isDayFirst || (ambiguous.HasDots && setting == DateOrder.ByLanguage) ? ambiguous.DayFirst : ambiguous.MonthFirst,
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
