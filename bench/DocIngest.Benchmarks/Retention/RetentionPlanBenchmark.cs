using System.Diagnostics;
using System.Globalization;
using DocIngest.Archive;
using DocIngest.Benchmarks.Ingest;
using DocIngest.Benchmarks.Measuring;
using DocIngest.Benchmarks.Search;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Database;
using DocIngest.Storage;

namespace DocIngest.Benchmarks.Retention;

/// <summary>How long does <c>retention plan</c> take over 100,000 records, and how long the import of their patients' events?</summary>
internal static class RetentionPlanBenchmark
{
    private const double BarSeconds = 5;
    public const int RecordsAPatient = 4;
    private const int BatchRecords = 5_000;

    public const string Schedule =
        """
        {
          "timeZone": "Europe/London", "patientField": "patient", "caseField": "case", "events": [ { "kind": "treatment" } ],
          "classes": [
            { "id": "discharge-letter", "title": "t", "mandate": "m", "givenElsewhere": true, "expression": "max(lastEncounter+8y, birthday(25, +1 if age(lastEncounter) >= 17))" },
            { "id": "lab-report", "title": "t", "mandate": "m", "givenElsewhere": true, "expression": "max(lastEncounter+8y, birthday(25))" },
            { "id": "imaging", "title": "t", "mandate": "m", "givenElsewhere": true, "expression": "lastEncounter+5y" },
            { "id": "consent", "title": "t", "mandate": "m", "givenElsewhere": true, "expression": "min(lastTreatment+20y, death+10y)" },
            { "id": "referral", "title": "t", "mandate": "m", "givenElsewhere": true, "expression": "lastDischarge+8y" },
            { "id": "invoice", "title": "t", "mandate": "m", "givenElsewhere": true, "expression": "received+10y" },
            { "id": "nursing", "title": "t", "mandate": "m", "givenElsewhere": true, "expression": "max(lastEncounter+8y, birthday(25))" }
          ]
        }
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        int count = Arguments.Number(args, "--records", 100_000);
        int runs = Arguments.Number(args, "--runs", 5);
        using var work = new WorkFolder(args, "retention-plan");
        var report = new Report("Retention plan", "retention-plan", args, work.Path);
        string data = work["data"];
        await WriteRecordsAsync(data, count);
        Directory.CreateDirectory(Path.Combine(data, "config"));
        await File.WriteAllTextAsync(Path.Combine(data, "config/retention.json"), Schedule);
        int lines = WriteEvents(work["events.csv"], count / RecordsAPatient);
        DiskFlush.Settle();
        double import = Time(ProgramUnderTest.Start(data, ["events", "import", work["events.csv"], "--json"]), out _);
        double again = Time(ProgramUnderTest.Start(data, ["events", "import", work["events.csv"], "--json"]), out _);
        DiskFlush.Settle();
        var plans = new List<double>();
        string sums = "";
        for (int round = 0; round <= runs; round++)
        {
            double seconds = Time(ProgramUnderTest.Start(data, ["retention", "plan", "--json"]), out sums);
            if (round > 0)
            {
                plans.Add(seconds);
            }
        }

        report.Line($"{count:N0} records of {count / RecordsAPatient:N0} patients, {lines:N0} events, seven classes with a schedule and one without. The whole program, start to end, printing a JSON line a record into a pipe; median of {runs} rounds after one that is dropped.");
        report.Line($"Sums: `{sums}`").Line();
        report.Table("what", "seconds", "a second", "bar", "");
        report.Row($"retention plan --json", $"{plans.Median():N2}", $"{count / plans.Median():N0} records", $"<= {BarSeconds:N0} s", $"{report.Judge(plans.Median() <= BarSeconds)}");
        report.Row($"events import", $"{import:N1}", $"{lines / import:N0} lines", $"-", $"");
        report.Row($"events import of the same file again", $"{again:N1}", $"{lines / again:N0} lines", $"-", $"");
        return report.Print();
    }

    /// <summary>A data folder with records of patients, each of whom has four.</summary>
    public static async Task WriteRecordsAsync(string data, int count)
    {
        using var volumes = new LocalVolumes();
        var folder = volumes.OpenOrCreate(data);
        folder.CreateFolder(DataFolder.Catalog);
        await OcflStorageRoot.OpenOrCreateAsync(folder, DataFolder.Archive, DataFolder.Staging);
        using var database = SqliteDatabase.Open(Path.Combine(data, DataFolder.CatalogFile));
        var catalog = new SqliteCatalog(database);
        var records = new SyntheticRecords(count);
        foreach (int[] batch in Enumerable.Range(0, count).Chunk(BatchRecords))
        {
            var entries = batch.Select(number => OfPatient(records.Draw(number), number, count / RecordsAPatient)).ToList();
            await database.WriteAsync(
                (_, transaction) =>
                {
                    catalog.Put(transaction, entries);
                    return true;
                },
                CancellationToken.None);
        }
    }

    // A patient's records lie far apart.
    private static CatalogEntry OfPatient(CatalogEntry drawn, int number, int patients)
    {
        var fields = new SortedDictionary<string, string>(drawn.Record.Fields.ToDictionary(), StringComparer.Ordinal) { ["patient"] = Patient(number % patients) };
        return drawn with { Record = drawn.Record with { Fields = fields } };
    }

    public static string Patient(int number) => $"P{number:000000}";

    private static int WriteEvents(string file, int patients)
    {
        using var writer = new StreamWriter(file);
        writer.WriteLine("patientId,kind,date");
        int lines = 0;
        for (int number = 0; number < patients; number++)
        {
            var random = new Random(number);
            var birth = new DateOnly(1930, 1, 1).AddDays(random.Next(85 * 365));
            Line("birth", birth);
            for (int visit = random.Next(1, 5); visit > 0; visit--)
            {
                Line("encounter", birth.AddDays(random.Next(10 * 365)));
            }

            var admitted = birth.AddDays(random.Next(9 * 365));
            Line("admission", admitted);
            Line("discharge", admitted.AddDays(random.Next(30)));
            Line("treatment", admitted);
            if (random.Next(5) == 0)
            {
                Line("death", birth.AddDays(10 * 365));
            }

            void Line(string kind, DateOnly day)
            {
                writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Patient(number)},{kind},{day:yyyy-MM-dd}"));
                lines++;
            }
        }

        return lines;
    }

    private static double Time(ProcessStartInfo start, out string lastLine)
    {
        start.UseShellExecute = false;
        start.RedirectStandardOutput = true;
        long started = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;   // never null without the shell
        lastLine = "";
        while (process.StandardOutput.ReadLine() is { } line)
        {
            lastLine = line;
        }

        process.WaitForExit();
        return process.ExitCode == 0
            ? Stopwatch.GetElapsedTime(started).TotalSeconds
            : throw new InvalidOperationException($"{start.FileName}: exit {process.ExitCode}\n{lastLine}");
    }
}
