using System.Text;
using System.Text.Json;

namespace DocIngest.Assurance.Reports;

/// <summary>Reads a list of items back. It may come from a stranger.</summary>
internal static class ReportItemsReader
{
    private const int LongestLine = 64 * 1024;

    /// <summary>Every item, as the caller goes on.</summary>
    /// <exception cref="InvalidDataException">A line is no item. Its number is told, not its text.</exception>
    public static IEnumerable<ReportItem> Read(Stream file)
    {
        using var reader = new StreamReader(file, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, leaveOpen: true);
        var line = new StringBuilder();
        long number = 1;
        while (reader.Read() is >= 0 and var letter)
        {
            if (letter != '\n')
            {
                line.Append(line.Length < LongestLine ? (char)letter : throw NoItem(number));
                continue;
            }

            yield return Parse(line.ToString()) ?? throw NoItem(number);
            line.Clear();
            number++;
        }

        if (line.Length > 0)
        {
            throw NoItem(number);   // cut off: every line ends in a line feed
        }
    }

    private static ReportItem? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, ReportItemJson.Instance.ReportItem);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static InvalidDataException NoItem(long number) => new($"Line {number} of the items is none.");
}
