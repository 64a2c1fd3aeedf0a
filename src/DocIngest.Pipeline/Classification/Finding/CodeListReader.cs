namespace DocIngest.Pipeline.Classification;

/// <summary>Reads a vocabulary from CSV with a heading.</summary>
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
        var rows = CsvRows.Read(csv, out string? quote);
        if (quote is not null)
        {
            found.Add(quote);
        }

        if (rows.Count == 0)
        {
            found.Add("is empty: it needs a heading and codes");
            return null;
        }

        var heading = rows[0].Cells;
        int code = CsvRows.Column(heading, options.CodeColumn, "codeColumn", found);
        int term = CsvRows.Column(heading, options.TermColumn, "termColumn", found);
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
}
