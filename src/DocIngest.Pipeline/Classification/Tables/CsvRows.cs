using System.Text;

namespace DocIngest.Pipeline.Classification;

/// <summary>Reads CSV (RFC 4180; divided by <c>,</c> <c>;</c> or a tab, whichever the heading has).</summary>
internal static class CsvRows
{
    /// <summary>The rows that hold anything, heading first, each with the line it begins in.</summary>
    /// <param name="csv">The file's text.</param>
    /// <param name="fault">A quote that does not end; null where all do.</param>
    public static List<(List<string> Cells, int Line)> Read(string csv, out string? fault)
    {
        csv = csv.TrimStart('\uFEFF');   // editors on Windows write it
        int headingEnd = csv.IndexOf('\n');
        string heading = headingEnd < 0 ? csv : csv[..headingEnd];
        char divider = heading.Contains('\t') ? '\t' : heading.Contains(';') ? ';' : ',';
        var rows = new List<(List<string>, int)>();
        var cells = new List<string>();
        var cell = new StringBuilder();
        int line = 1;
        int rowLine = 1;
        bool isQuoted = false;
        for (int at = 0; at < csv.Length; at++)
        {
            char character = csv[at];
            if (isQuoted)
            {
                if (character == '"' && at + 1 < csv.Length && csv[at + 1] == '"')
                {
                    cell.Append('"');
                    at++;
                }
                else if (character == '"')
                {
                    isQuoted = false;
                }
                else
                {
                    line += character == '\n' ? 1 : 0;
                    cell.Append(character);
                }
            }
            else if (character == '"' && cell.Length == 0)
            {
                isQuoted = true;
            }
            else if (character == divider)
            {
                EndCell();
            }
            else if (character == '\n')
            {
                EndRow();
                line++;
                rowLine = line;
            }
            else
            {
                cell.Append(character);
            }
        }

        EndRow();
        fault = isQuoted ? $"has a quote that does not end, in line {rowLine}" : null;
        return rows;

        void EndCell()
        {
            cells.Add(cell.ToString());
            cell.Clear();
        }

        void EndRow()
        {
            EndCell();
            if (cells.Exists(text => !string.IsNullOrWhiteSpace(text)))
            {
                rows.Add((cells, rowLine));
            }

            cells = [];
        }
    }
}
