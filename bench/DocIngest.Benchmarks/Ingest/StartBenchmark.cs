using DocIngest.Benchmarks.Measuring;

namespace DocIngest.Benchmarks.Ingest;

/// <summary>How long from starting the service until it has seen a file that was in the drop folder already?</summary>
internal static class StartBenchmark
{
    private const double BarSeconds = 1.5;
    private const int ExistingRecords = 500;
    private const string Seen = "is seen and waits to settle";   // event 1001

    public static async Task<int> RunAsync(string[] args)
    {
        int tries = Arguments.Number(args, "--tries", 20);
        using var work = new WorkFolder(args, "start");
        var report = new Report("Start of the service until a dropped file is seen", "start", args, work.Path);
        var pages = new TextPages();
        pages.Write(work["drop"], 1);
        pages.Write(work["earlier"], ExistingRecords);
        string config = Service.WriteConfig(work["docingest.json"], work["drop"], "debug", null);
        await ProgramUnderTest.IngestAsync(work["data"], [work["earlier"]]);

        var existing = new List<double>();
        var first = new List<double>();
        for (int at = 0; at <= tries; at++)   // the first of each warms the disk cache and is dropped
        {
            double onExisting = await MeasureAsync(work["data"], config);
            double onNothing = await MeasureAsync(work.Fresh("new"), config);
            if (at > 0)
            {
                existing.Add(onExisting);
                first.Add(onNothing);
            }
        }

        report.Line($"From starting the process to event 1001 on its standard error (log level debug), the first sign of a file there is. Files of the program in the disk cache.").Line();
        report.Table("data folder", "tries", "median, s", "longest, s", "bar", "");
        AppendRow($"with {ExistingRecords} records", existing);
        AppendRow($"none yet: the first start", first);
        return report.Print();

        void AppendRow(FormattableString name, List<double> seconds) => report.Row(
            name, $"{tries}", $"{seconds.Median():N2}", $"{seconds.Max():N2}", $"median <= {BarSeconds:N1}", $"{report.Judge(seconds.Median() <= BarSeconds)}");
    }

    private static async Task<double> MeasureAsync(string data, string config)
    {
        await using var service = Service.Start(data, config);
        var seen = await service.SaysAsync(Seen);
        service.Drain();
        return seen.TotalSeconds;
    }
}
