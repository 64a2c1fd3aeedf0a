using System.Diagnostics;
using DocIngest.Benchmarks.Measuring;

namespace DocIngest.Benchmarks.Ingest;

/// <summary>How long from the last byte of a dropped file to its receipt?</summary>
internal static class LatencyBenchmark
{
    private const int Chunks = 6;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static async Task<int> RunAsync(string[] args)
    {
        int files = Arguments.Number(args, "--files", 20);
        using var work = new WorkFolder(args, "latency");
        var report = new Report("Latency from the last byte to the receipt", "latency", args, work.Path);
        report.Line($"Files of one page, one after another; the clock starts when the writer has closed the file and ends when the receipt's line is in `receipts/`.");
        report.Line($"Copy: written at once. Slow writer: {Chunks} parts with {Pause.TotalSeconds:N1} s between them, the file open all the time.").Line();
        report.Table("settleTime", "writer", "files", "median, s", "longest, s", "median beyond settleTime, s");
        foreach (var (settle, seconds) in new (string?, int)[] { (null, 10), ("00:00:01", 1) })
        {
            string name = settle is null ? "10 s (default)" : "1 s";
            string drop = Directory.CreateDirectory(work.Fresh("drop")).FullName;
            string data = work.Fresh("data");
            await using var service = Service.Start(data, Service.WriteConfig(work["docingest.json"], drop, "information", settle));
            await service.SaysAsync("serves the data folder");
            service.Drain();
            foreach (bool slow in new[] { false, true })
            {
                var latencies = new List<double>();
                for (int file = 0; file < files; file++)
                {
                    latencies.Add(await MeasureAsync(drop, data, $"{(slow ? "slow" : "copy")}-{file:00}.pdf", (slow ? 1_000 : 0) + file, slow));
                    await Console.Error.WriteLineAsync($"{name}, {(slow ? "slow" : "copy")}: {latencies[^1]:N2} s");
                }

                report.Row($"{name}", $"{(slow ? "slow writer" : "copy")}", $"{files}", $"{latencies.Median():N2}", $"{latencies.Max():N2}", $"{latencies.Median() - seconds:N2}");
            }
        }

        return report.Print();
    }

    private static async Task<double> MeasureAsync(string drop, string data, string name, int number, bool slow)
    {
        byte[] content = new TextPages().Page(number);
        await using (var file = new FileStream(Path.Combine(drop, name), FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0))
        {
            foreach (byte[] part in slow ? content.Chunk((content.Length + Chunks - 1) / Chunks) : [content])
            {
                if (file.Position > 0)
                {
                    await Task.Delay(Pause, TimeProvider.System);
                }

                await file.WriteAsync(part);
            }
        }

        long closed = Stopwatch.GetTimestamp();
        while (!HasReceipt(Path.Combine(data, "receipts"), name))
        {
            if (Stopwatch.GetElapsedTime(closed) > Patience)
            {
                throw new TimeoutException("No receipt came.");
            }

            await Task.Delay(Look, TimeProvider.System);
        }

        return Stopwatch.GetElapsedTime(closed).TotalSeconds;
    }

    private static bool HasReceipt(string receipts, string name) =>
        Directory.Exists(receipts) && Directory.EnumerateFiles(receipts, "*.jsonl").Any(file => File.ReadAllText(file).Contains($"\"{name}\"", StringComparison.Ordinal));
}
