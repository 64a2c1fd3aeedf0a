using System.Globalization;

namespace DocIngest.Worker.CommandLine.Backups;

/// <summary>Durations as people and restic write them, with seconds, minutes and hours; and as the configuration has them.</summary>
internal static class DurationText
{
    // Largest first, each at most once.
    private static readonly (char Letter, TimeSpan Length)[] Units =
        [('h', TimeSpan.FromHours(1)), ('m', TimeSpan.FromMinutes(1)), ('s', TimeSpan.FromSeconds(1))];

    private const int MostDigits = 6;   // eleven days of seconds; and nothing overflows

    /// <summary>The length of <c>90s</c>, <c>1h30m</c>, <c>00:15:00</c> or <c>0</c>; null where it is no duration.</summary>
    public static TimeSpan? Parse(string text)
    {
        if (text == "0")
        {
            return TimeSpan.Zero;
        }

        return text.Contains(':')
            ? TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var exact) && exact >= TimeSpan.Zero ? exact : null
            : OfUnits(text);
    }

    private static TimeSpan? OfUnits(string text)
    {
        var sum = TimeSpan.Zero;
        var rest = text.AsSpan();
        foreach (var (letter, length) in Units)
        {
            int at = rest.IndexOf(letter);
            if (at < 0)
            {
                continue;
            }

            if (at > MostDigits || !int.TryParse(rest[..at], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            {
                return null;
            }

            sum += number * length;
            rest = rest[(at + 1)..];
        }

        return text.Length > 0 && rest.Length == 0 ? sum : null;
    }
}
