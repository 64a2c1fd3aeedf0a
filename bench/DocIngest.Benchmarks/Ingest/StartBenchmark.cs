using System.Diagnostics;
using DocIngest.Benchmarks.Measuring;

namespace DocIngest.Benchmarks.Ingest;

/// <summary>How long from starting the service until it has seen a file that was in the drop folder already?</summary>
internal static class StartBenchmark
{
    private const double BarSeconds = 1.5;
    private const double ScriptBarSeconds = 0.1;
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
        await AppendScriptAsync(report, tries);
        return report.Print();

        void AppendRow(FormattableString name, List<double> seconds) => report.Row(
            name, $"{tries}", $"{seconds.Median():N2}", $"{seconds.Max():N2}", $"median <= {BarSeconds:N1}", $"{report.Judge(seconds.Median() <= BarSeconds)}");
    }

    // Warm: nothing to build. Both say their version and end; in turns, so that neither has the quieter time.
    private static async Task AppendScriptAsync(Report report, int tries)
    {
        string script = Path.GetFullPath("run.sh");
        string program = Path.GetFullPath(Path.Combine("artifacts", "app", "docingest"));
        var scripted = new List<double>();
        var alone = new List<double>();
        for (int at = 0; at <= tries; at++)
        {
            double throughScript = await SecondsOfAsync(script);
            double direct = await SecondsOfAsync(program);
            if (at > 0)
            {
                scripted.Add(throughScript);
                alone.Add(direct);
            }
        }

        double more = scripted.Median() - alone.Median();
        report.Line().Line($"The same command, `version`, through `./run.sh` with nothing to build, and directly.").Line();
        report.Table("command", "tries", "median, s", "longest, s", "bar", "");
        report.Row($"docingest version", $"{tries}", $"{alone.Median():N3}", $"{alone.Max():N3}", $"-", $"");
        report.Row($"./run.sh version", $"{tries}", $"{scripted.Median():N3}", $"{scripted.Max():N3}", $"-", $"");
        report.Row($"difference of the medians", $"", $"{more:N3}", $"", $"<= {ScriptBarSeconds:N1}", $"{report.Judge(more <= ScriptBarSeconds)}");
    }

    private static async Task<double> SecondsOfAsync(string command)
    {
        long started = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(command, ["version"]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;   // never null without the shell
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? Stopwatch.GetElapsedTime(started).TotalSeconds : throw new InvalidOperationException($"{command} failed: {await errors}");
    }

    private static async Task<double> MeasureAsync(string data, string config)
    {
        await using var service = Service.Start(data, config);
        var seen = await service.SaysAsync(Seen);
        service.Drain();
        return seen.TotalSeconds;
    }
}
