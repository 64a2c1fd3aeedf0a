using System.Globalization;
using System.Text.Json;
using DocIngest.Benchmarks.Ingest;
using DocIngest.Benchmarks.Measuring;
using ImageMagick;

namespace DocIngest.Benchmarks.Ocr;

/// <summary>Does a document that carries another patient's number, or pages of two patients, end up in somebody's record? Notes read by OCR, against a patient index.</summary>
internal static class IdentityBenchmark
{
    private const int BodyLines = 42;   // the heading takes the others of a page
    private static readonly string[] FirstNames = ["Anna", "Bertram", "Clara", "Dietmar", "Elena", "Frederick", "Greta", "Hannah", "Isidore", "Julia", "Konrad", "Louisa", "Martin", "Nora", "Oscar", "Paula", "Quentin", "Rosalind", "Samuel", "Theresa"];
    private static readonly string[] LastNames = ["Ackermann", "Bellamy", "Carmichael", "Dunford", "Eastwood", "Fairchild", "Greenwood", "Hargreaves", "Ingram", "Jennings", "Kellerman", "Lockwood", "Mansfield", "Norwood", "Osborne", "Pemberton", "Quinlan", "Rutherford", "Sandoval", "Thornton"];

    private enum Kind
    {
        Right,
        RightOfTwoPages,
        Swapped,
        Merged,
        MergedWithoutNumber,
        MergedMisread,
    }

    public static async Task<int> RunAsync(string[] args)
    {
        int count = Arguments.Number(args, "--documents", 200);
        int wrong = count / 20;   // of each kind
        using var work = new WorkFolder(args, "identity");
        var report = new Report("Documents with another patient's number, or of two patients", "identity", args, work.Path);
        var patients = Patients(count);
        var documents = Draw(work, patients, count, wrong);
        string config = await ConfigureAsync(work, patients);
        var run = await ProgramUnderTest.IngestAsync(work["data"], documents.Select(document => document.File), options: ["--config", config, "--profile", "ward"]);
        var archived = new ArchivedFiles(Path.Combine(work["data"], "archive"));
        var found = documents.Select(document => (document.Kind, Found: Found.Of(run, archived, document.File))).ToList();

        report.Line($"{count} notes of ocr-accuracy's collections as pages of 300 DPI, seeded as there (fonts, skew, noise, fax and JPEG compression), each headed by name, birth date and number of a made-up patient; index of {patients.Count} patients; taken in by a profile with `patientIndex`.");
        report.Line($"Swapped: a patient's sheet with the number of another. Merged: two sheets of two patients in one scan; also where the second bears no number, or one with a wrong digit that nobody has, as OCR reads it. Caught: flagged `identity-mismatch`, filed without a patient. That notes of one patient were filed under the heading of another nobody can tell from these three alone.").Line();
        report.Table("documents", "number", "flagged", "assigned", "to the right patient", "");
        foreach (var (kind, name) in new[] { (Kind.Right, "one page, right"), (Kind.RightOfTwoPages, "two pages of one patient"), (Kind.Swapped, "swapped"), (Kind.Merged, "merged"), (Kind.MergedWithoutNumber, "merged, second sheet without number"), (Kind.MergedMisread, "merged, a digit of the second number wrong") })
        {
            var own = found.Where(document => document.Kind == kind).Select(document => document.Found).ToList();
            var expected = documents.Where(document => document.Kind == kind).Select(document => document.Number).ToList();
            bool isWrong = IsWrong(kind);
            int flagged = own.Count(document => document.IsFlagged);
            report.Row(
                $"{name}", $"{own.Count}", $"{flagged}", $"{own.Count(document => document.Patient is not null)}", $"{(isWrong ? "-" : own.Zip(expected).Count(pair => pair.First.Patient == pair.Second).ToString(CultureInfo.InvariantCulture))}",
                $"{report.Judge(isWrong ? flagged == own.Count : flagged * 50 <= own.Count)}");
        }

        var bad = found.Where(document => IsWrong(document.Kind)).ToList();
        var good = found.Where(document => !IsWrong(document.Kind)).ToList();
        report.Line().Line($"Caught {bad.Count(document => document.Found.IsFlagged)} of {bad.Count}, missed {bad.Count(document => !document.Found.IsFlagged)}; false alarms {good.Count(document => document.Found.IsFlagged)} of {good.Count} (bars: none missed; at most 2 % of the right ones).").Line();
        foreach (var why in found.Where(document => document.Found.IsFlagged).GroupBy(document => (IsRight: !IsWrong(document.Kind), document.Found.Why)).OrderByDescending(why => why.Count()))
        {
            report.Line($"- {why.Count()} {(why.Key.IsRight ? "false alarms" : "caught")}: {why.Key.Why}");
        }

        return report.Print();
    }

    private static bool IsWrong(Kind kind) => kind is not (Kind.Right or Kind.RightOfTwoPages);

    private static List<Patient> Patients(int count)
    {
        var random = new Random(7);
        var numbers = new HashSet<int>();
        while (numbers.Count < count)
        {
            numbers.Add(random.Next(10_000_000, 100_000_000));
        }

        return [.. numbers.Select((number, at) => new Patient(
            number.ToString(CultureInfo.InvariantCulture), $"{FirstNames[at % FirstNames.Length]} {LastNames[at / FirstNames.Length % LastNames.Length]}",
            new DateOnly(1930, 1, 1).AddDays(random.Next(30_000))))];
    }

    private static List<Sheet> Draw(WorkFolder work, List<Patient> patients, int count, int wrong)
    {
        var notes = new NotePages(work["pages"]);
        var texts = NotePages.Texts(count);
        if (texts.Count < count)
        {
            throw new InvalidOperationException($"The notes of the corpora fill {texts.Count} pages only.");
        }

        var numbers = patients.Select(patient => patient.Number).ToHashSet();
        return [.. Enumerable.Range(0, count).Select(at =>
        {
            var patient = patients[at];
            var other = patients[(at + 37) % count];
            string more = texts[(at + 1) % count];
            var kind = (at % 20) switch { 3 => Kind.Swapped, 11 => Kind.Merged, 7 => Kind.MergedWithoutNumber, 14 => Kind.MergedMisread, 17 => Kind.RightOfTwoPages, _ => Kind.Right };
            string first = notes.Draw(Head(patient, kind == Kind.Swapped ? other.Number : patient.Number, texts[at]), at, Hardship.Everyday).Image;
            string? second = kind switch
            {
                Kind.RightOfTwoPages => Head(patient, patient.Number, more),
                Kind.Merged => Head(other, other.Number, more),
                Kind.MergedWithoutNumber => Head(other, null, more),
                Kind.MergedMisread => Head(other, Misread(other.Number, numbers), more),
                _ => null,
            };
            string file = second is null ? first : Join(work, at, first, notes.Draw(second, 3000 + at, Hardship.Everyday).Image);
            return new Sheet(kind, file, patient.Number);
        })];
    }

    // The fifth digit as another one, such that nobody has the number.
    private static string Misread(string number, HashSet<string> numbers) =>
        Enumerable.Range(1, 9).Select(more => $"{number[..4]}{(number[4] - '0' + more) % 10}{number[5..]}").First(wrong => !numbers.Contains(wrong));

    private static string Head(Patient person, string? number, string note)
    {
        string birth = person.BirthDate.ToString((number ?? person.Number)[^1] % 2 == 0 ? "yyyy-MM-dd" : "d MMMM yyyy", CultureInfo.InvariantCulture);
        return $"Patient: {person.Name}\nDate of birth: {birth}{(number is null ? "" : $"      MRN: {number}")}\n\n{string.Join('\n', note.Split('\n').Take(BodyLines))}";
    }

    private static string Join(WorkFolder work, int at, params string[] images)
    {
        using var pages = new MagickImageCollection();
        foreach (string image in images)
        {
            pages.Add(new MagickImage(image) { ColorSpace = ColorSpace.Gray });
            pages[^1].Settings.Compression = CompressionMethod.Zip;
        }

        string file = Path.Combine(work["pages"], string.Create(CultureInfo.InvariantCulture, $"joined-{at:0000}.tif"));
        pages.Write(file, MagickFormat.Tiff);
        return file;
    }

    private static async Task<string> ConfigureAsync(WorkFolder work, List<Patient> patients)
    {
        await File.WriteAllLinesAsync(work["patients.csv"], [
            "number,name,birthDate",
            .. patients.Select(patient => string.Create(CultureInfo.InvariantCulture, $"{patient.Number},{patient.Name},{patient.BirthDate:yyyy-MM-dd}")),
        ]);
        await File.WriteAllTextAsync(work["rules.json"], """
            { "rules": [ { "name": "patient", "fields": [ { "name": "patientId", "type": "identifier", "labels": [ "MRN" ], "regex": "[0-9]{8}" } ] } ] }
            """);
        Directory.CreateDirectory(work["drop"]);
        string config = work["docingest.json"];
        await File.WriteAllTextAsync(config, $$"""
            {
              "intake": { "profiles": [ { "name": "ward", "folder": {{JsonSerializer.Serialize(work["drop"])}}, "patientIndex": "patients.csv" } ] },
              "classification": { "rules": "rules.json" }
            }
            """);
        return config;
    }

    private sealed record Patient(string Number, string Name, DateOnly BirthDate);

    private sealed record Sheet(Kind Kind, string File, string Number);

    private sealed record Found(bool IsFlagged, string? Patient, string Why)
    {
        public static Found Of(IngestRun run, ArchivedFiles archived, string file)
        {
            if (run.Lines.FirstOrDefault(line => line.File == file) is not { Id: { } id, Version: { } version } || archived.File(id, version, "record.json") is not { } path)
            {
                throw new InvalidOperationException($"Not filed: {Path.GetFileName(file)}.");
            }

            using var record = JsonDocument.Parse(File.ReadAllBytes(path));
            bool isFlagged = record.RootElement.GetProperty("flags").EnumerateArray().Any(flag => flag.GetString() == "identity-mismatch");
            string? patient = record.RootElement.GetProperty("fields").TryGetProperty("patientId", out var number) ? number.GetString() : null;
            string why = record.RootElement.TryGetProperty("ruleNotes", out var notes) ? string.Join(' ', notes.EnumerateArray().Select(note => note.GetString())) : "";
            return new Found(isFlagged, patient, why);
        }
    }
}
