using System.Text;

namespace DocIngest.Benchmarks.Ocr;

/// <summary>Reads comma-separated values with quoted cells (RFC 4180).</summary>
internal static class CsvFile
{
    public static IEnumerable<IReadOnlyList<string>> Rows(string file)
    {
        var row = new List<string>();
        var cell = new StringBuilder();
        bool quoted = false;
        string text = File.ReadAllText(file);
        for (int at = 0; at < text.Length; at++)
        {
            char character = text[at];
            if (quoted && character == '"' && at + 1 < text.Length && text[at + 1] == '"')
            {
                cell.Append('"');
                at++;
            }
            else if (character == '"')
            {
                quoted = !quoted;
            }
            else if (!quoted && character is ',' or '\n' && !quoted)
            {
                row.Add(cell.ToString().TrimEnd('\r'));
                cell.Clear();
                if (character == '\n')
                {
                    yield return row;
                    row = [];
                }
            }
            else
            {
                cell.Append(character);
            }
        }

        if (row.Count > 0 || cell.Length > 0)
        {
            row.Add(cell.ToString());
            yield return row;
        }
    }

    /// <summary>One column by its heading.</summary>
    public static IEnumerable<string> Column(string file, string heading)
    {
        int column = -1;
        foreach (var row in Rows(file))
        {
            if (column < 0)
            {
                column = row.ToList().IndexOf(heading);
            }
            else if (column < row.Count)
            {
                yield return row[column];
            }
        }
    }
}
