namespace DocIngest.Pipeline.Classification;

/// <summary>Reads a vocabulary from CSV with a heading.</summary>
internal static class CodeListReader
{
    private const int LongestCode = 64;

    /// <summary>Reads a list.</summary>
    /// <param name="options">Name and columns.</param>
    /// <param name="csv">The file's text.</param>
    /// <param name="faults">Every fault, in words; after twenty, how many more.</param>
    /// <returns>The list, or null where there are faults.</returns>
    public static CodeList? Read(CodeListOptions options, string csv, out IReadOnlyList<string> faults)
    {
        var codes = new Dictionary<string, (VocabularyCode Code, int Line)>();
        var table = new CsvTable([(options.CodeColumn, "codeColumn"), (options.TermColumn, "termColumn")], Holds: "code", IsPersonal: false);
        faults = table.Read(csv, (cells, line) => Add(codes, cells[0].Trim(), cells[1].Trim(), line));
        return faults.Count > 0 ? null : new CodeList(options.Name, codes.Values.Select(pair => pair.Code));
    }

    private static string? Add(Dictionary<string, (VocabularyCode Code, int Line)> codes, string value, string term, int line)
    {
        string bare = CodeList.Bare(value);
        return bare.Length == 0 ? "has no code"
            : value.Length > LongestCode ? $"has a code of {value.Length} characters, more than {LongestCode}"
            : !codes.TryAdd(bare, (new VocabularyCode(value, term), line))
                ? $"has the code \"{value}\", which line {codes[bare].Line} has already as \"{codes[bare].Code.Value}\""
            : null;
    }
}
