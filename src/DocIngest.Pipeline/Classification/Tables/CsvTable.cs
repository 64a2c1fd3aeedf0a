namespace DocIngest.Pipeline.Classification;

/// <summary>Reads a CSV file with a heading, and gathers what is wrong with it.</summary>
/// <param name="Columns">What the heading must name, in any order; with the setting that names each, where there is one.</param>
/// <param name="Holds">What a row is, for people: <c>code</c>.</param>
/// <param name="IsPersonal">Rows tell of patients: a fault then quotes nothing of the file, for a missing heading is a patient.</param>
internal sealed record CsvTable(IReadOnlyList<(string Name, string? Setting)> Columns, string Holds, bool IsPersonal)
{
    private const int MostFaults = 20;

    /// <summary>Reads every row.</summary>
    /// <param name="csv">The file's text.</param>
    /// <param name="take">Given the cells of a row in the order of the columns, and its line; says what is wrong with it, or null.</param>
    /// <returns>Every fault, in words; after twenty, how many more. Empty where there is none.</returns>
    public IReadOnlyList<string> Read(string csv, Func<IReadOnlyList<string>, int, string?> take)
    {
        var faults = new List<string>();
        var rows = CsvRows.Read(csv, out string? quote);
        if (quote is not null)
        {
            faults.Add(quote);
        }

        if (rows.Count == 0)
        {
            return [.. faults, $"is empty: it needs a heading with {string.Join(", ", Columns.Select(column => column.Name))}, and {Holds}s"];
        }

        int[] places = [.. Columns.Select(column => Find(rows[0].Cells, column, faults))];
        if (places.Contains(-1))
        {
            return faults;
        }

        var wrong = rows.Skip(1).Select(row => Judge(row.Cells, row.Line, places, take)).OfType<string>().ToList();
        faults.AddRange(wrong.Take(MostFaults));
        if (wrong.Count > MostFaults)
        {
            faults.Add($"has {wrong.Count - MostFaults} more faults");
        }
        else if (rows.Count == 1)
        {
            faults.Add($"has a heading and no {Holds}");
        }

        return faults;
    }

    private string? Judge(List<string> cells, int line, int[] places, Func<IReadOnlyList<string>, int, string?> take) =>
        cells.Count <= places.Max() ? $"line {line} has {(IsPersonal ? "too few columns" : $"{cells.Count} columns, too few")}"
            : take([.. places.Select(place => cells[place])], line) is { } fault ? $"line {line} {fault}"
            : null;

    private int Find(List<string> heading, (string Name, string? Setting) column, List<string> faults)
    {
        int at = heading.FindIndex(cell => string.Equals(cell.Trim(), column.Name, StringComparison.OrdinalIgnoreCase));
        if (at < 0)
        {
            string setting = column.Setting is null ? "" : $" ({column.Setting})";
            string instead = IsPersonal ? "" : $"; it has {string.Join(", ", heading.Select(cell => $"\"{cell.Trim()}\""))}."
                + NearestWords.Hint(column.Name, heading.Select(cell => cell.Trim()));
            faults.Add($"has no column \"{column.Name}\"{setting}{instead}");
        }

        return at;
    }
}
