using System.Text;

namespace DocIngest.Pipeline.Classification;

/// <summary>Reads a vocabulary from CSV (RFC 4180, with a heading; divided by <c>,</c> <c>;</c> or a tab, whichever the heading has).</summary>
internal static class CodeListReader
{
    private const int MostFaults = 20;
    private const int LongestCode = 64;

    /// <summary>Reads a list.</summary>
    /// <param name="options">Name and columns.</param>
    /// <param name="csv">The file's text.</param>
    /// <param name="faults">Every fault, in words; after twenty, how many more.</param>
    /// <returns>The list, or null where there are faults.</returns>
    public static CodeList? Read(CodeListOptions options, string csv, out IReadOnlyList<string> faults)
    {
        var found = new List<string>();
        faults = found;
        var rows = Rows(csv.TrimStart('\uFEFF'), found);
        if (rows.Count == 0)
        {
            found.Add("is empty: it needs a heading and codes");
            return null;
        }

        var heading = rows[0].Cells;
        int code = Column(heading, options.CodeColumn, "codeColumn", found);
        int term = Column(heading, options.TermColumn, "termColumn", found);
        if (code < 0 || term < 0)
        {
            return null;
        }

        var codes = new Dictionary<string, (VocabularyCode Code, int Line)>();
        int wrong = 0;
        foreach (var (cells, line) in rows.Skip(1))
        {
            if (FaultOf(cells, line, code, term, codes) is { } fault && wrong++ < MostFaults)
            {
                found.Add(fault);
            }
        }

        if (wrong > MostFaults)
        {
            found.Add($"has {wrong - MostFaults} more faults");
        }
        else if (wrong == 0 && codes.Count == 0)
        {
            found.Add("has a heading and no code");
        }

        return found.Count > 0 ? null : new CodeList(options.Name, codes.Values.Select(pair => pair.Code));
    }

    private static string? FaultOf(List<string> cells, int line, int code, int term, Dictionary<string, (VocabularyCode Code, int Line)> codes)
    {
        if (cells.Count <= Math.Max(code, term))
        {
            return $"line {line} has {cells.Count} columns, too few";
        }

        string value = cells[code].Trim();
        string bare = CodeList.Bare(value);
        if (bare.Length == 0)
        {
            return $"line {line} has no code";
        }

        if (value.Length > LongestCode)
        {
            return $"line {line}: the code has {value.Length} characters, more than {LongestCode}";
        }

        if (!codes.TryAdd(bare, (new VocabularyCode(value, cells[term].Trim()), line)))
        {
            return $"line {line} has the code \"{value}\", which line {codes[bare].Line} has already as \"{codes[bare].Code.Value}\"";
        }

        return null;
    }

    private static int Column(List<string> heading, string name, string setting, List<string> faults)
    {
        int at = heading.FindIndex(cell => string.Equals(cell.Trim(), name, StringComparison.OrdinalIgnoreCase));
        if (at < 0)
        {
            faults.Add($"has no column \"{name}\" ({setting}); it has {string.Join(", ", heading.Select(cell => $"\"{cell.Trim()}\""))}."
                + NearestWords.Hint(name, heading.Select(cell => cell.Trim())));
        }

        return at;
    }

    private static List<(List<string> Cells, int Line)> Rows(string csv, List<string> faults)
    {
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
        if (isQuoted)
        {
            faults.Add($"has a quote that does not end, in line {rowLine}");
        }

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
