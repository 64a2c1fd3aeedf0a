namespace DocIngest.Pipeline.Classification;

/// <summary>A patient of the index.</summary>
/// <param name="Name">As the index writes it.</param>
/// <param name="BirthDate">Null where the index has none.</param>
internal sealed record IndexedPatient(string Name, DateOnly? BirthDate);

/// <summary>The patients there are: number, name and birth date, from a CSV file of the information system.</summary>
public sealed class PatientIndex
{
    private const int MostFaults = 20;

    private readonly Dictionary<string, IndexedPatient> _patients;

    private PatientIndex(Dictionary<string, IndexedPatient> patients) => _patients = patients;

    /// <summary>How many patients there are.</summary>
    public int Count => _patients.Count;

    /// <summary>Reads an index with the columns <c>number</c>, <c>name</c> and <c>birthDate</c> (as 1950-03-12).</summary>
    /// <param name="csv">The file's text.</param>
    /// <param name="faults">Every fault, in words, without anything of a patient; after twenty, how many more.</param>
    /// <returns>The index; null where there are faults.</returns>
    public static PatientIndex? Read(string csv, out IReadOnlyList<string> faults)
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
            found.Add("is empty: it needs the heading number, name, birthDate and patients");
            return null;
        }

        int number = CsvRows.Column(rows[0].Cells, "number", null, found);
        int name = CsvRows.Column(rows[0].Cells, "name", null, found);
        int birth = CsvRows.Column(rows[0].Cells, "birthDate", null, found);
        if (number < 0 || name < 0 || birth < 0)
        {
            return null;
        }

        var patients = new Dictionary<string, IndexedPatient>(rows.Count);
        int wrong = 0;
        foreach (var (cells, line) in rows.Skip(1))
        {
            if (Add(patients, cells, number, name, birth) is { } fault && wrong++ < MostFaults)
            {
                found.Add($"line {line} {fault}");
            }
        }

        if (wrong > MostFaults)
        {
            found.Add($"has {wrong - MostFaults} more faults");
        }
        else if (wrong == 0 && patients.Count == 0)
        {
            found.Add("has a heading and no patient");
        }

        return found.Count == 0 ? new PatientIndex(patients) : null;
    }

    /// <summary>A number as numbers are compared: letters and digits, in capitals.</summary>
    internal static string Bare(string number) => string.Concat(number.Where(char.IsLetterOrDigit).Select(char.ToUpperInvariant));

    internal IndexedPatient? Find(string number) => _patients.GetValueOrDefault(Bare(number));

    private static string? Add(Dictionary<string, IndexedPatient> patients, List<string> cells, int number, int name, int birth)
    {
        if (cells.Count <= Math.Max(number, Math.Max(name, birth)))
        {
            return "has too few columns";
        }

        string bare = Bare(cells[number]);
        string written = cells[birth].Trim();
        DateOnly? day = DateOnly.TryParseExact(written, "yyyy-MM-dd", out var parsed) ? parsed : null;
        return bare.Length == 0 ? "has no number"
            : written.Length > 0 && day is null ? "has a birth date that is no day such as 1950-03-12"
            : day is null && !cells[name].Any(char.IsLetter) ? "has neither name nor birth date: nothing could be compared"
            : !patients.TryAdd(bare, new IndexedPatient(cells[name].Trim(), day)) ? "has a number that an earlier line has already"
            : null;
    }
}
