using DocIngest.Benchmarks.Measuring;

namespace DocIngest.Benchmarks.Ingest;

/// <summary>How many small records a second, and how much memory, whatever their number?</summary>
internal static class PagesBenchmark
{
    private const double RateBar = 250;
    private const double MemoryBarBytes = 400e6;
    private const int Middling = 5_000;
    private const int Few = 500;
    private const int Many = 50_000;

    private sealed record Figures(int Count, double Wall, double Cpu, double Rate, double SteadyRate, double PeakPss, bool Complete);

    public static async Task<int> RunAsync(string[] args)
    {
        int runs = Arguments.Number(args, "--runs", 3);
        int count = Arguments.Number(args, "--records", Middling);
        using var work = new WorkFolder(args, "ingest-pages");   // grows by about 60 kB a record
        var report = new Report("Ingest of one-page PDFs", "ingest-pages", args, work.Path);
        var pages = new TextPages();

        var timed = new List<Figures>();
        for (int run = 0; run < runs; run++)
        {
            timed.Add(await MeasureAsync(work, pages, count, sampleMemory: false));
        }

        var sampled = new List<Figures>();
        foreach (int size in new[] { Few, count }.Concat(args.Contains("--many") ? [Many] : []))
        {
            sampled.Add(await MeasureAsync(work, pages, size, sampleMemory: true));
        }

        report.Line($"Files of {pages.Page(0).Length / 1e3:N1} kB with about 250 words each, all different, taken in by `ingest --move` into a new data folder.");
        report.Line($"Steady: between the first and the last tenth of the outcomes. Memory: proportional set size of all processes together, every 100 ms, in runs of its own.").Line();
        report.Table("records", "seconds", "CPU s", "records a second", "steady", "peak memory, MB");
        foreach (var run in timed.Concat(sampled))
        {
            report.Row(
                $"{run.Count:N0}", $"{run.Wall:N2}", $"{run.Cpu:N2}", $"{run.Rate:N0}", $"{run.SteadyRate:N0}",
                $"{(run.PeakPss > 0 ? (run.PeakPss / 1e6).ToString("N0") : "-")}");
        }

        double rate = timed.Select(run => run.Rate).ToList().Median();
        double peak = sampled.Max(run => run.PeakPss);
        report.Line().Table("what", "figure", "bar", "");
        report.Row($"records a second, median of {runs} runs of {count:N0}, start and end included", $"{rate:N0}", $">= {RateBar:N0}", $"{report.Judge(rate >= RateBar)}");
        report.Row($"memory of the process tree, MB, up to {sampled.Max(run => run.Count):N0} records", $"{peak / 1e6:N0}", $"<= {MemoryBarBytes / 1e6:N0}", $"{report.Judge(peak <= MemoryBarBytes)}");
        report.Row($"every file filed, source removed, in the archive", $"{(timed.Concat(sampled).All(run => run.Complete) ? "yes" : "no")}", $"yes", $"{report.Judge(timed.Concat(sampled).All(run => run.Complete))}");
        return report.Print();
    }

    private static async Task<Figures> MeasureAsync(WorkFolder work, TextPages pages, int count, bool sampleMemory)
    {
        string drop = work.Fresh("drop");
        string data = work.Fresh("data");
        pages.Write(drop, count);
        DiskFlush.Settle();
        var run = await ProgramUnderTest.IngestAsync(data, [drop], move: true, sampleMemory);
        bool complete = run.ExitCode == 0 && run.Lines.Count(line => line is { Outcome: "filed", TextStatus: "complete" }) == count
            && !Directory.EnumerateFiles(drop, "*", SearchOption.AllDirectories).Any()
            && Directory.EnumerateFiles(Path.Combine(data, "archive"), "0=ocfl_object_*", SearchOption.AllDirectories).Count() == count;
        await Console.Error.WriteLineAsync($"{count:N0} records: {run.Wall.TotalSeconds:N2} s");
        var (first, last) = (run.Lines[count / 10].At, run.Lines[(count * 9 / 10) - 1].At);
        return new Figures(
            count, run.Wall.TotalSeconds, run.Cpu.TotalSeconds, count / run.Wall.TotalSeconds, count * 0.8 / (last - first).TotalSeconds,
            run.PssBytes.Count > 0 ? run.PssBytes.Max() : 0, complete);
    }
}
