using System.Globalization;

namespace DocIngest.Pipeline.Scans;

/// <summary>How long a filed scan stays in its drop folder.</summary>
internal static class KeepSourceRule
{
    /// <summary>It is removed at once.</summary>
    public const string None = "none";

    /// <summary>It stays until a backup holds it.</summary>
    public const string UntilBackedUp = "untilBackedUp";

    /// <summary>A form that every value read by <see cref="DurationOf"/> has. Five digits of days: no sum with today leaves the calendar.</summary>
    public const string Pattern = @"^(none|untilBackedUp|(\d{1,5}\.)?([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?)$";

    /// <summary>The form in words.</summary>
    public const string Demand = "must be none, untilBackedUp, or a duration such as 12:00:00 (hours, up to 23) or 7.00:00:00 (days)";

    /// <summary>The duration; null where the backup sets the end.</summary>
    /// <exception cref="FormatException">The value does not have the form.</exception>
    public static TimeSpan? DurationOf(string value) => value switch
    {
        None => TimeSpan.Zero,
        UntilBackedUp => null,
        _ => TimeSpan.ParseExact(value, "c", CultureInfo.InvariantCulture),
    };
}
