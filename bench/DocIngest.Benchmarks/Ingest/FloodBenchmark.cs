using System.Diagnostics;
using DocIngest.Benchmarks.Measuring;

namespace DocIngest.Benchmarks.Ingest;

/// <summary>A drop folder that holds a whole archive at once: does the service take all of it in, how fast, with how much memory?</summary>
internal static class FloodBenchmark
{
    private const double MemoryBarBytes = 400e6;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);   // without any file leaving

    public static async Task<int> RunAsync(string[] args)
    {
        int count = Arguments.Number(args, "--files", 50_000);
        using var work = new WorkFolder(args, "flood");   // grows by about 60 kB a file
        var report = new Report("Many files dropped at once on the running service", "flood", args, work.Path);
        string drop = Directory.CreateDirectory(work["drop"]).FullName;
        var pages = new TextPages();
        pages.Write(work["ready"], count);
        DiskFlush.Settle();

        var service = Service.Start(work["data"], Service.WriteConfig(work["docingest.json"], drop, "information", null));
        IReadOnlyList<long> memory;
        TimeSpan taken;
        await using (service)
        {
            await service.SaysAsync("serves the data folder");
            service.Drain();
            using var ended = new CancellationTokenSource();
            var sampling = ProcessTree.SamplePssAsync(service.ProcessId, ended.Token);
            long started = Stopwatch.GetTimestamp();
            foreach (string file in Directory.EnumerateFiles(work["ready"]))
            {
                File.Move(file, Path.Combine(drop, Path.GetFileName(file)));
            }

            await UntilEmptyAsync(drop, count);
            taken = Stopwatch.GetElapsedTime(started);
            await ended.CancelAsync();
            memory = await sampling;
        }

        int objects = Directory.EnumerateFiles(Path.Combine(work["data"], "archive"), "0=ocfl_object_*", SearchOption.AllDirectories).Count();
        int receipts = Directory.EnumerateFiles(Path.Combine(work["data"], "receipts"), "*.jsonl")
            .Sum(file => File.ReadLines(file).Count(line => line.Contains("\"filed\"", StringComparison.Ordinal)));
        double peak = memory.Max();
        report.Line($"{count:N0} files of one page, each of other content, renamed into the drop folder at once; the clock ends when the folder is empty. Default settings: each waits its settle time of 10 s first.").Line();
        report.Table("what", "figure", "bar", "");
        report.Row($"seconds until the drop folder is empty", $"{taken.TotalSeconds:N1}", $"-", $"");
        report.Row($"files a second, settle time included", $"{count / taken.TotalSeconds:N0}", $"-", $"");
        report.Row($"peak memory of the process tree, MB", $"{peak / 1e6:N0}", $"<= {MemoryBarBytes / 1e6:N0}", $"{report.Judge(peak <= MemoryBarBytes)}");
        report.Row($"objects in the archive", $"{objects:N0}", $"{count:N0}", $"{report.Judge(objects == count)}");
        report.Row($"receipts that say filed", $"{receipts:N0}", $"{count:N0}", $"{report.Judge(receipts == count)}");
        return report.Print();
    }

    private static async Task UntilEmptyAsync(string drop, int count)
    {
        int left = count;
        long moved = Stopwatch.GetTimestamp();
        while (left > 0)
        {
            await Task.Delay(Look, TimeProvider.System);
            int now = Directory.EnumerateFiles(drop).Count();
            if (now < left)
            {
                moved = Stopwatch.GetTimestamp();
                left = now;
            }
            else if (Stopwatch.GetElapsedTime(moved) > Patience)
            {
                throw new TimeoutException($"{left:N0} files stay in the drop folder.");
            }
        }
    }
}
