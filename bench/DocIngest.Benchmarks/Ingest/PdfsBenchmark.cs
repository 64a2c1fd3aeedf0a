using System.Diagnostics;
using System.Globalization;
using DocIngest.Benchmarks.Measuring;
using DocIngest.TestKit;

namespace DocIngest.Benchmarks.Ingest;

/// <summary>What does everything around the PDF parser cost? A corpus of born-digital PDFs, against a bare loop of the same parser.</summary>
internal static class PdfsBenchmark
{
    private const double Bar = 1.3;
    private const int FewerShown = 10;
    private static readonly TimeSpan HangLimit = TimeSpan.FromSeconds(60);

    // The bare loop has no limits of its own: this one only saves the machine.
    private const string ProbeHeapLimit = "100000000";   // hexadecimal: 4 GiB

    public static async Task<int> RunAsync(string[] args)
    {
        int runs = Arguments.Number(args, "--runs", 5);
        int threads = Arguments.Number(args, "--threads", Environment.ProcessorCount);
        string corpus = Corpora.Folder(Arguments.Text(args, "--corpus", "pdfpig"));
        string[] all = [.. Directory.EnumerateFiles(corpus, "*.pdf", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        using var work = new WorkFolder(args, "ingest-pdfs");
        var report = new Report("Ingest of born-digital PDFs against a bare loop", "ingest-pdfs", args, work.Path);

        var (bareCharacters, excluded) = await ProbeAsync(all, work);
        string[] files = [.. bareCharacters.Keys.Order(StringComparer.Ordinal)];
        string list = work["files.txt"];
        await File.WriteAllLinesAsync(list, files);
        string config = work["docingest.json"];
        await File.WriteAllTextAsync(config, """{ "extraction": { "ocr": false } }""");
        var ours = new List<(double Wall, double Cpu)>();
        var bare = new List<(double Wall, double Cpu)>();
        IngestRun? last = null;
        string data = "";
        for (int run = 0; run <= runs; run++)   // the first pair warms caches and is dropped
        {
            DiskFlush.Settle();
            data = work.Fresh("data");
            last = await ProgramUnderTest.IngestAsync(data, files, options: ["--config", config]);
            DiskFlush.Settle();
            var loop = await RunBareAsync(list, threads);
            if (run > 0)
            {
                ours.Add((last.Wall.TotalSeconds, last.Cpu.TotalSeconds));
                bare.Add(loop);
            }

            await Console.Error.WriteLineAsync($"run {run} of {runs}: {last.Wall.TotalSeconds:N2} s, bare loop {loop.Wall:N2} s");
        }

        double ratio = ours.Select(run => run.Wall).ToList().Median() / bare.Select(run => run.Wall).ToList().Median();
        report.Line($"{files.Length} of {all.Length} PDFs ({files.Sum(file => new FileInfo(file).Length) / 1e6:N0} MB), {threads} threads in the bare loop, runs in turn, one pair to warm up.");
        report.Line($"The loop has no OCR: here it is switched off, so that both read text layers alone.");
        report.Line($"Bare loop: this benchmark started again, built as by `dotnet build` (just-in-time compilation); it neither writes nor flushes.");
        report.Line($"Excluded on both sides, because the bare loop hangs ({HangLimit.TotalSeconds:N0} s) or dies on them: {(excluded.Count == 0 ? "none" : string.Join(", ", excluded.Select(Path.GetFileName)))}.").Line();
        report.Table("run", "ingest, s", "CPU s", "bare loop, s", "CPU s", "ratio");
        for (int run = 0; run < runs; run++)
        {
            report.Row($"{run + 1}", $"{ours[run].Wall:N2}", $"{ours[run].Cpu:N2}", $"{bare[run].Wall:N2}", $"{bare[run].Cpu:N2}", $"{ours[run].Wall / bare[run].Wall:N2}");
        }

        report.Row(
            $"**median**", $"{ours.Select(run => run.Wall).ToList().Median():N2}", $"{ours.Select(run => run.Cpu).ToList().Median():N2}",
            $"{bare.Select(run => run.Wall).ToList().Median():N2}", $"{bare.Select(run => run.Cpu).ToList().Median():N2}", $"{ratio:N2}").Line();

        var oursCharacters = CountArchived(last!, data);   // the loop ran at least once
        long sumOurs = oursCharacters.Values.Sum();
        long sumBare = bareCharacters.Values.Sum();
        report.Table("what", "figure", "bar", "");
        report.Row($"wall time against the bare loop", $"{ratio:N2}", $"<= {Bar:N1}", $"{report.Judge(ratio <= Bar)}");
        report.Row($"visible characters, {sumBare:N0} in the bare loop", $"{sumOurs:N0}", $">= {sumBare:N0}", $"{report.Judge(sumOurs >= sumBare)}");
        report.Row($"files with an outcome", $"{last!.Lines.Count}", $"{files.Length}", $"{report.Judge(last.Lines.Count == files.Length)}").Line();
        ReportFewer(report, bareCharacters, oursCharacters);
        return report.Print();
    }

    // One file after another in a child process; what it hangs or dies on is left out, and the child is started again behind it.
    private static async Task<(Dictionary<string, long> Characters, List<string> Excluded)> ProbeAsync(string[] all, WorkFolder work)
    {
        var characters = new Dictionary<string, long>(StringComparer.Ordinal);
        var excluded = new List<string>();
        while (characters.Count + excluded.Count < all.Length)
        {
            string[] left = [.. all.Skip(characters.Count + excluded.Count)];
            string list = work["probe.txt"];
            await File.WriteAllLinesAsync(list, left);
            var start = Describe(list, "--tell");
            start.Environment["DOTNET_GCHeapHardLimit"] = ProbeHeapLimit;
            using var process = Process.Start(start)!;   // never null without the shell
            int ended = 0;
            while (await ReadLineOrHangAsync(process) is { } line)
            {
                if (line.Split(' ') is ["end", _, var count])
                {
                    characters[left[ended++]] = long.Parse(count, CultureInfo.InvariantCulture);
                }
            }

            process.Kill();
            await process.WaitForExitAsync();
            if (ended < left.Length)
            {
                excluded.Add(left[ended]);
            }
        }

        return (characters, excluded);
    }

    private static async Task<string?> ReadLineOrHangAsync(Process process)
    {
        try
        {
            return await process.StandardOutput.ReadLineAsync().WaitAsync(HangLimit);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private static async Task<(double Wall, double Cpu)> RunBareAsync(string list, int threads)
    {
        var cpuBefore = ProcessTree.EndedChildrenCpu();
        long started = Stopwatch.GetTimestamp();
        using var process = Process.Start(Describe(list, "--threads", threads.ToString(CultureInfo.InvariantCulture)))!;   // never null without the shell
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var wall = Stopwatch.GetElapsedTime(started);
        return process.ExitCode == 0 && output.StartsWith("letters ", StringComparison.Ordinal)
            ? (wall.TotalSeconds, (ProcessTree.EndedChildrenCpu() - cpuBefore).TotalSeconds)
            : throw new InvalidOperationException($"The bare loop ended with {process.ExitCode}.");
    }

    private static ProcessStartInfo Describe(string list, params string[] options)
    {
        // 'dotnet run' starts the program's own launcher; anything else is the dotnet command.
        string self = Environment.ProcessPath ?? throw new InvalidOperationException("This process has no path.");
        string[] leading = Path.GetFileNameWithoutExtension(self) == "dotnet" ? [typeof(BareLoop).Assembly.Location] : [];
        return new ProcessStartInfo(self, [.. leading, BareLoop.Name, list, .. options]) { RedirectStandardOutput = true, UseShellExecute = false };
    }

    private static Dictionary<string, long> CountArchived(IngestRun run, string data)
    {
        var archived = new ArchivedFiles(Path.Combine(data, "archive"));
        return run.Lines.Where(line => line is { Id: not null, Version: not null }).ToDictionary(
            line => line.File, line => archived.PageTexts(line.Id!, line.Version!).Sum(BareLoop.CountVisible), StringComparer.Ordinal);
    }

    private static void ReportFewer(Report report, Dictionary<string, long> bare, Dictionary<string, long> ours)
    {
        var fewer = bare.Select(file => (Name: Path.GetFileName(file.Key), Bare: file.Value, Ours: ours.GetValueOrDefault(file.Key)))
            .Where(file => file.Ours < file.Bare).OrderBy(file => file.Ours - file.Bare).ToList();
        report.Line($"{fewer.Count} files with fewer characters than in the bare loop{(fewer.Count == 0 ? "." : ":")}");
        foreach (var (name, inBare, inOurs) in fewer.Take(FewerShown))
        {
            report.Line($"- {name}: {inOurs:N0} of {inBare:N0}");
        }
    }
}
