using System.Buffers;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Restores.Windows;

/// <summary>Which names lead on Windows to what they name, and to nothing else.</summary>
internal static class WindowsNames
{
    private static readonly SearchValues<char> Forbidden = SearchValues.Create(@"<>:""/\|?*");

    private static readonly string[] Devices = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

    /// <summary>Refused besides what is unsafe anywhere: separators, colons (drives and streams), wildcards, control characters, a dot or
    /// space at the end (which Windows drops), and devices, with or without an extension.</summary>
    internal static bool Takes(FileName name) =>
        name.IsSafe && name.TryToUtf16(out string text) && !text.AsSpan().ContainsAny(Forbidden) && !text.Any(char.IsControl)
        && text[^1] is not ('.' or ' ') && !IsDevice(text);

    private static bool IsDevice(string name)
    {
        string stem = name.Split('.')[0].TrimEnd(' ');
        return Devices.Contains(stem, StringComparer.OrdinalIgnoreCase)
            || (stem.Length == 4 && (stem.StartsWith("COM", StringComparison.OrdinalIgnoreCase) || stem.StartsWith("LPT", StringComparison.OrdinalIgnoreCase))
                && (char.IsAsciiDigit(stem[3]) || stem[3] is '\u00b9' or '\u00b2' or '\u00b3'));
    }
}
