using System.Globalization;

namespace DocIngest.Worker.CommandLine.Backups;

/// <summary>Sizes as people and restic write them.</summary>
internal static class SizeText
{
    private const string Units = "KMGT";
    private const int BitsOfUnit = 10;

    /// <summary>Bytes of <c>500M</c> or <c>1048576</c>; null where it is no size.</summary>
    public static long? Parse(string text)
    {
        int power = text.Length == 0 ? -1 : Units.IndexOf(char.ToUpperInvariant(text[^1]));
        long unit = 1L << (BitsOfUnit * (power + 1));
        return long.TryParse(power < 0 ? text : text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number <= long.MaxValue / unit
            ? number * unit
            : null;
    }
}
