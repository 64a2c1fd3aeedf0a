namespace DocIngest.Pipeline.Classification;

/// <summary>A patient of the index.</summary>
/// <param name="Name">As the index writes it.</param>
/// <param name="BirthDate">Null where the index has none.</param>
internal sealed record IndexedPatient(string Name, DateOnly? BirthDate);

/// <summary>The patients there are: number, name and birth date, from a CSV file of the information system.</summary>
public sealed class PatientIndex
{
    private static readonly CsvTable Table = new([("number", null), ("name", null), ("birthDate", null)], Holds: "patient", IsPersonal: true);

    private readonly Dictionary<string, IndexedPatient> _patients;
    private readonly ILookup<DateOnly, IndexedPatient> _byBirthDate;

    private PatientIndex(Dictionary<string, IndexedPatient> patients)
    {
        _patients = patients;
        _byBirthDate = patients.Values.Where(patient => patient.BirthDate is not null).ToLookup(patient => patient.BirthDate.GetValueOrDefault());
    }

    /// <summary>How many patients there are.</summary>
    public int Count => _patients.Count;

    /// <summary>Reads an index with the columns <c>number</c>, <c>name</c> and <c>birthDate</c> (as 1950-03-12).</summary>
    /// <param name="csv">The file's text.</param>
    /// <param name="faults">Every fault, in words, without anything of a patient; after twenty, how many more.</param>
    /// <returns>The index; null where there are faults.</returns>
    public static PatientIndex? Read(string csv, out IReadOnlyList<string> faults)
    {
        var patients = new Dictionary<string, IndexedPatient>();
        faults = Table.Read(csv, (cells, _) => Add(patients, cells[0], cells[1].Trim(), cells[2].Trim()));
        return faults.Count == 0 ? new PatientIndex(patients) : null;
    }

    /// <summary>A number as numbers are compared: letters and digits, in capitals.</summary>
    internal static string Bare(string number) => string.Concat(number.Where(char.IsLetterOrDigit).Select(char.ToUpperInvariant));

    internal IndexedPatient? Find(string number) => _patients.GetValueOrDefault(Bare(number));

    internal IEnumerable<IndexedPatient> BornOn(DateOnly day) => _byBirthDate[day];

    private static string? Add(Dictionary<string, IndexedPatient> patients, string number, string name, string birthDate)
    {
        string bare = Bare(number);
        DateOnly? day = DateOnly.TryParseExact(birthDate, "yyyy-MM-dd", out var parsed) ? parsed : null;
        return bare.Length == 0 ? "has no number"
            : birthDate.Length > 0 && day is null ? "has a birth date that is no day such as 1950-03-12"
            : day is null && !name.Any(char.IsLetter) ? "has neither name nor birth date: nothing could be compared"
            : !patients.TryAdd(bare, new IndexedPatient(name, day)) ? "has a number that an earlier line has already"
            : null;
    }
}
