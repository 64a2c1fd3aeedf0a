using System.Diagnostics;
using DocIngest.Benchmarks.Ingest;
using DocIngest.Benchmarks.Measuring;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Database;
using Microsoft.Data.Sqlite;

namespace DocIngest.Benchmarks.Retention;

/// <summary>How long does <c>stats</c> take over 1,000,000 records, section by section, and what memory?</summary>
internal static class StatsBenchmark
{
    private const double BarSeconds = 10;   // without the plan: while somebody waits
    private const double BarMegabytes = 250;

    // Claims as they would have brought the records, every tenth of another outcome; six events a patient.
    private const string ClaimsAndEvents =
        """
        INSERT INTO scan (id, order_key, profile, source, file_name, file_id, size_bytes, write_time_ns, claimed_at, owner, state, outcome, record_id, version, page_count, closed_at, remove_source)
        SELECT id, key, 'scanner-' || ((key >> 9) % 8), CAST(id AS BLOB), 'scan.pdf', '', 1, 1, key >> 21, 'o', 'closed',
               CASE (key >> 12) % 20 WHEN 0 THEN 'duplicate' WHEN 1 THEN 'versioned' WHEN 2 THEN 'quarantined' ELSE 'filed' END, id, 1, 2, (key >> 21) + 500 + (key >> 9) % 60000, 1
        FROM catalog_records;
        UPDATE catalog_figures SET profile = 'scanner-' || ((key >> 9) % 8), by_ocr = 1, ocr_80 = (key >> 9) % 2, ocr_95 = 1 - (key >> 9) % 2;
        INSERT INTO event_subject (id, object, kind, number, version)
        SELECT value, 'events:patient:' || value, 'patient', printf('P%06d', value), 1 FROM generate(@patients);
        INSERT INTO event_days (subject, kind, day)
        SELECT s.id, k.value, 725000 + (s.id * 7919) % 10000 + k.key * 3 FROM event_subject s, json_each('["encounter","admission","discharge","birth","encounter","admission"]') k;
        INSERT INTO event_dates (subject, kind, first, last, first_entry, last_entry) SELECT subject, kind, min(day), max(day), 1, 1 FROM event_days GROUP BY 1, 2;
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        int count = Arguments.Number(args, "--records", 1_000_000);
        int runs = Arguments.Number(args, "--runs", 5);
        using var work = new WorkFolder(args, "stats");
        var report = new Report($"Statistics of {count:N0} records", "stats", args, work.Path);
        string data = work["data"];
        await RetentionPlanBenchmark.WriteRecordsAsync(data, count);
        Directory.CreateDirectory(Path.Combine(data, "config"));
        await File.WriteAllTextAsync(Path.Combine(data, "config/retention.json"), RetentionPlanBenchmark.Schedule);
        await WriteClaimsAndEventsAsync(data, count / RetentionPlanBenchmark.RecordsAPatient);
        DiskFlush.Settle();

        report.Line($"{count:N0} records of 6 years, as many claims, {count / RetentionPlanBenchmark.RecordsAPatient:N0} patients with six events each. The whole program, start to end; median of {runs} rounds after one that is dropped. Memory: the most that was resident.").Line();
        report.Table("stats", "seconds", "MB", "bar", "");
        Measure("--section scans", ["--section", "scans"], hasPlan: false);
        Measure("--section records", ["--section", "records"], hasPlan: false);
        Measure("--section records, by day too", ["--section", "records", "--by", "day", "--by", "class", "--by", "source", "--by", "operator"], hasPlan: false);
        Measure("--section records, one month", ["--section", "records", "--from", "2024-03-01", "--to", "2024-03-31"], hasPlan: false);
        Measure("--section events", ["--section", "events"], hasPlan: false);
        Measure("--section retention", ["--section", "retention"], hasPlan: true);
        Measure("all", [], hasPlan: true);
        return report.Print();

        void Measure(string what, string[] options, bool hasPlan)
        {
            var seconds = new List<double>();
            double megabytes = 0;
            for (int round = 0; round <= runs; round++)
            {
                var (took, most) = Run(ProgramUnderTest.Start(data, ["stats", "--json", .. options]));
                megabytes = Math.Max(megabytes, most);
                if (round > 0)
                {
                    seconds.Add(took);
                }
            }

            bool pass = megabytes <= BarMegabytes && (hasPlan || seconds.Median() <= BarSeconds);
            report.Row($"{what}", $"{seconds.Median():N2}", $"{megabytes:N0}", $"{(hasPlan ? "" : $"<= {BarSeconds:N0} s, ")}<= {BarMegabytes:N0} MB", $"{report.Judge(pass)}");
        }
    }

    private static async Task WriteClaimsAndEventsAsync(string data, int patients)
    {
        using var database = SqliteDatabase.Open(Path.Combine(data, DataFolder.CatalogFile));
        string numbers = $"(WITH RECURSIVE n (value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM n WHERE value < {patients - 1}) SELECT value FROM n)";
        await database.WriteAsync(
            (connection, transaction) =>
            {
                using var command = connection.CreateCommand();
                command.Transaction = transaction;
                command.CommandTimeout = 0;
                command.CommandText = ClaimsAndEvents.Replace("generate(@patients)", numbers, StringComparison.Ordinal);
                return command.ExecuteNonQuery();
            },
            CancellationToken.None);
        SqliteConnection.ClearAllPools();
    }

    private static (double Seconds, double Megabytes) Run(ProcessStartInfo start)
    {
        start.UseShellExecute = false;
        start.RedirectStandardOutput = true;
        long started = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;   // never null without the shell
        long most = 0;
        process.OutputDataReceived += static (_, _) => { };   // read, so that it does not wait
        process.BeginOutputReadLine();
        while (!process.WaitForExit(50))
        {
            most = Math.Max(most, PeakBytes(process));
        }

        return process.ExitCode == 0
            ? (Stopwatch.GetElapsedTime(started).TotalSeconds, most / 1e6)
            : throw new InvalidOperationException($"{start.FileName}: exit {process.ExitCode}");
    }

    private static long PeakBytes(Process process)
    {
        try
        {
            process.Refresh();
            return process.PeakWorkingSet64;
        }
        catch (InvalidOperationException)
        {
            return 0;   // it has just ended
        }
    }
}
