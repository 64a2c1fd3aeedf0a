using System.Text;

namespace DocIngest.Worker.CommandLine;

/// <summary>Makes text from documents and file names harmless for a terminal: control characters would move its cursor or worse.</summary>
internal static class TerminalText
{
    /// <summary>The text on one line, without control characters.</summary>
    public static string OneLine(string? text)
    {
        if (text is null)
        {
            return "";
        }

        var clean = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            clean.Append(char.IsControl(c) ? ' ' : c);
        }

        return clean.ToString();
    }
}
