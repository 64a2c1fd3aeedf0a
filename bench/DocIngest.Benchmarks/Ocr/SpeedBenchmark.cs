using System.Diagnostics;
using System.Globalization;
using DocIngest.Benchmarks.Ingest;
using DocIngest.Benchmarks.Measuring;
using DocIngest.Benchmarks.Renditions;

namespace DocIngest.Benchmarks.Ocr;

/// <summary>
/// How long does a scan of dense pages take, beside OCRmyPDF and beside bare tesseract, one process a core? One PDF of all pages, as a scanner with a
/// feeder sends it: OCRmyPDF takes one file a run, and uses both cores within it. Tesseract gets the images, and loads its model once a process.
/// </summary>
internal static class SpeedBenchmark
{
    private const double OcrMyPdfBar = 1.5;
    private const double TesseractBar = 1.15;
    private const double MemoryBarBytes = 900e6;
    private const double RecallSlack = 0.002;
    private const int LeastCharacters = 2_000;

    public static async Task<int> RunAsync(string[] args)
    {
        int count = Arguments.Number(args, "--pages", 40);
        int rounds = Arguments.Number(args, "--rounds", 3);
        if (!IsInstalled("ocrmypdf") || !IsInstalled("img2pdf") || !IsInstalled("tesseract"))
        {
            await Console.Error.WriteLineAsync("OCRmyPDF is not installed, or not all of it: apt-get install ocrmypdf img2pdf tesseract-ocr");
            return 6;
        }

        using var work = new WorkFolder(args, "ocr-speed");
        var report = new Report("Speed of OCR beside OCRmyPDF and bare tesseract", "ocr-speed", args, work.Path);
        var pages = Draw(work, count);
        string pdf = work["scan.pdf"];
        await RunAsync("img2pdf", [.. pages.Select(page => page.Image), "-o", pdf], work, samplesMemory: false);
        Contender[] contenders =
        [
            new("docingest ingest", samplesMemory => IngestAsync(pdf, work, samplesMemory)),
            new("OCRmyPDF", samplesMemory => OcrMyPdfAsync(pdf, work, samplesMemory)),
            new("tesseract, one process a core", samplesMemory => TesseractAsync(pages, work, samplesMemory)),
        ];
        foreach (var contender in contenders)
        {
            contender.PeakBytes = (await contender.Run(true)).PeakBytes;   // not timed: looking at the memory of a process takes milliseconds, and holds it up
        }

        for (int round = 0; round < rounds; round++)
        {
            foreach (var contender in contenders)
            {
                DiskFlush.Settle();
                contender.Runs.Add(await contender.Run(false));
                await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"round {round + 1} of {rounds}, {contender.Name}: {contender.Runs[^1].Wall.TotalSeconds:N1} s, CPU {contender.Runs[^1].Cpu.TotalSeconds:N1} s"));
            }
        }

        string ocrMyPdf = (await StockProgram.RunAsync("ocrmypdf", "--version")).Output.Trim();
        report.Line($"{count} pages of clinical notes, {pages.Average(page => page.Text.Length):N0} characters each, A4 at 300 DPI, {pages.Count(page => page.Image.EndsWith(".jpg", StringComparison.Ordinal))} as JPEG of quality 30 with noise, the others as fax group 4, up to a degree askew, in one PDF ({new FileInfo(pdf).Length / 1e6:N1} MB) put together by img2pdf.");
        report.Line($"In turn, {rounds} rounds; memory in a run before them. Ours: `docingest ingest` into a new data folder, from start to end of the process, searchable rendition included. OCRmyPDF {ocrMyPdf}: `--output-type pdf -j {Environment.ProcessorCount}`. {BareTesseract.Version()}: {Environment.ProcessorCount} processes, OMP_THREAD_LIMIT=1, each with a list of half the images, `-l eng --psm 3`, text only.").Line();
        Print(report, contenders, pages);
        return report.Print();
    }

    private static void Print(Report report, Contender[] contenders, IReadOnlyList<PageTruth> pages)
    {
        report.Table("contender", "seconds, median", "each round", "pages a minute", "CPU s", "peak memory, MB", "recall of the words printed");
        double[] walls = [.. contenders.Select(contender => contender.Runs.Select(run => run.Wall.TotalSeconds).ToList().Median())];
        double[] recalls = [.. contenders.Select(contender => Recall(pages, contender.Runs[^1].Text))];
        foreach (var ((contender, wall), recall) in contenders.Zip(walls).Zip(recalls))
        {
            report.Row(
                $"{contender.Name}", $"{wall:N1}", $"{string.Join(", ", contender.Runs.Select(run => run.Wall.TotalSeconds.ToString("N1", CultureInfo.InvariantCulture)))}", $"{pages.Count * 60 / wall:N1}",
                $"{contender.Runs.Select(run => run.Cpu.TotalSeconds).ToList().Median():N1}", $"{contender.PeakBytes / 1e6:N0}", $"{recall:N4}");
        }

        double memory = contenders[0].PeakBytes;
        report.Line().Table("what", "figure", "bar", "");
        report.Row($"times as fast as OCRmyPDF", $"{walls[1] / walls[0]:N2}", $">= {OcrMyPdfBar:N1}", $"{report.Judge(walls[1] / walls[0] >= OcrMyPdfBar)}");
        report.Row($"wall time against bare tesseract", $"{walls[0] / walls[2]:N2}", $"<= {TesseractBar:N2}", $"{report.Judge(walls[0] / walls[2] <= TesseractBar)}");
        report.Row($"peak memory of the process tree (PSS), MB", $"{memory / 1e6:N0}", $"<= {MemoryBarBytes / 1e6:N0}", $"{report.Judge(memory is > 0 and <= MemoryBarBytes)}");
        report.Row($"recall against the better of the others", $"{recalls[0]:N4}", $">= {recalls.Skip(1).Max() - RecallSlack:N4}", $"{report.Judge(recalls[0] >= recalls.Skip(1).Max() - RecallSlack)}");
    }

    // All words of all pages as one bag: what a page has lost is lost.
    private static double Recall(IReadOnlyList<PageTruth> pages, string text) => new WordBag(string.Join('\n', pages.Select(page => page.Text))).Recall(new WordBag(text));

    private static List<PageTruth> Draw(WorkFolder work, int count)
    {
        var notes = new NotePages(work["pages"]);
        var pages = new List<PageTruth>();
        foreach (var (text, seed) in NotePages.Texts(int.MaxValue).Where(text => text.Length >= LeastCharacters).Select((text, at) => (text, 5000 + at)))
        {
            if (pages.Count < count && notes.Draw(text, seed, Hardship.Everyday) is var page && !page.Image.EndsWith(".png", StringComparison.Ordinal))
            {
                pages.Add(page);
            }
        }

        return pages.Count == count ? pages : throw new InvalidOperationException($"The notes of the corpora fill {pages.Count} pages only.");
    }

    private static async Task<SpeedRun> IngestAsync(string pdf, WorkFolder work, bool samplesMemory)
    {
        string data = work.Fresh("data");
        var run = await ProgramUnderTest.IngestAsync(data, [pdf], sampleMemory: samplesMemory);
        var line = run.Lines.Single();
        if (line is not { TextStatus: "complete", Id: { } id, Version: { } version })
        {
            throw new InvalidOperationException($"The scan was not read: {line.Outcome}, {line.TextStatus}.");
        }

        var archived = new ArchivedFiles(Path.Combine(data, "archive"));
        return archived.File(id, version, "rendition.pdf") is not null
            ? new SpeedRun(run.Wall, run.Cpu, run.PssBytes.DefaultIfEmpty().Max(), string.Join('\n', archived.PageTexts(id, version)))
            : throw new InvalidOperationException("There is no rendition.");
    }

    private static async Task<SpeedRun> OcrMyPdfAsync(string pdf, WorkFolder work, bool samplesMemory)
    {
        string output = $"{work.Fresh("ocrmypdf")}.pdf";
        var run = await RunAsync("ocrmypdf", ["--output-type", "pdf", "-j", Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture), "-l", "eng", pdf, output], work, samplesMemory);
        return run with { Text = (await StockProgram.RunAsync("pdftotext", output, "-")).Output };
    }

    private static async Task<SpeedRun> TesseractAsync(IReadOnlyList<PageTruth> pages, WorkFolder work, bool samplesMemory)
    {
        string output = work.Fresh("tesseract");
        int processes = Environment.ProcessorCount;
        for (int process = 0; process < processes; process++)
        {
            await File.WriteAllLinesAsync($"{output}-{process}.list", pages.Where((_, at) => at % processes == process).Select(page => page.Image));
        }

        string command = string.Join(" & ", Enumerable.Range(0, processes).Select(process => $"tesseract '{output}-{process}.list' '{output}-{process}' -l eng --psm 3")) + " & wait";
        var run = await RunAsync("sh", ["-c", command], work, samplesMemory, ("OMP_THREAD_LIMIT", "1"));
        return run with { Text = string.Join('\n', Enumerable.Range(0, processes).Select(process => File.ReadAllText($"{output}-{process}.txt"))) };
    }

    private static async Task<SpeedRun> RunAsync(string program, string[] arguments, WorkFolder work, bool samplesMemory, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = work.Path };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        ProcessTree.AdoptOrphans();
        var cpuBefore = ProcessTree.EndedChildrenCpu();
        long started = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;   // never null without the shell
        using var ended = new CancellationTokenSource();
        var memory = samplesMemory ? ProcessTree.SamplePssAsync(process.Id, ended.Token) : Task.FromResult<IReadOnlyList<long>>([]);
        var output = process.StandardOutput.ReadToEndAsync();
        string errors = await process.StandardError.ReadToEndAsync();
        await output;
        await process.WaitForExitAsync();
        var wall = Stopwatch.GetElapsedTime(started);
        await ended.CancelAsync();
        return process.ExitCode == 0
            ? new SpeedRun(wall, ProcessTree.EndedChildrenCpu() - cpuBefore, (await memory).DefaultIfEmpty().Max(), "")
            : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {errors}");
    }

    private static bool IsInstalled(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, program)));

    private sealed record SpeedRun(TimeSpan Wall, TimeSpan Cpu, long PeakBytes, string Text);

    private sealed record Contender(string Name, Func<bool, Task<SpeedRun>> Run)
    {
        public long PeakBytes { get; set; }

        public List<SpeedRun> Runs { get; } = [];
    }
}
