using System.Globalization;
using System.Text.Json;
using DocIngest.Benchmarks.Ingest;
using DocIngest.Benchmarks.Measuring;
using DocIngest.Benchmarks.Ocr;

namespace DocIngest.Benchmarks.BadInput;

/// <summary>What does a hostile scan cost, or a tesseract that goes wrong, and when is the next scan filed? One worker, so that it must wait.</summary>
internal static class BadInputBenchmark
{
    // One page has 60 s, and the file behind it must not wait for more; starting, and what a busy machine adds, are not the limit's.
    private const double MostWaitSeconds = 75;

    // A worker and the program it calls, each within 1,280 MiB; and the host.
    private const double MostBytes = 2.9e9;

    private const string TooLarge = "too-large";
    private const string Scan = "a scan";
    private const string Letter = "a PDF with text";

    public static async Task<int> RunAsync(string[] args)
    {
        string only = Arguments.Text(args, "--case", "");
        using var work = new WorkFolder(args, "bad-input");
        var report = new Report("Hostile scans, and a tesseract that goes wrong", "bad-input", args, work.Path);
        report.Line($"Each is taken in by a program of its own with one worker, and behind it a normal file: a scanned page that OCR reads, or a PDF with text of its own where tesseract is what fails. Default limits: a page has 1 min, a worker and each program it starts 1,280 MiB.");
        report.Line($"Memory: proportional set size of the program and all it started, sampled ten times a second. Bars: the status as named; the bytes archived; the next file filed and read within {MostWaitSeconds} s; memory at most {MostBytes / 1e6:N0} MB.").Line();
        report.Table("input", "bytes", "status", "wall time, s", "peak memory, MB", "next file", "filed after, s", "");
        var reasons = new List<(string Name, string Reason)>();
        foreach (var one in Cases().Where(one => one.Name.Contains(only, StringComparison.OrdinalIgnoreCase)))
        {
            reasons.Add((one.Name, await RunAsync(one, work, report)));
        }

        report.Line();
        foreach (var (name, reason) in reasons)
        {
            report.Line($"- {name}: {reason}");
        }

        return report.Print();
    }

    private static IEnumerable<Case> Cases()
    {
        yield return new("nothing bad", "scan.png", path => File.Copy(Page(path, 1), path), ["complete"], Scan);
        yield return new("PNG of 20,000 x 20,000 pixels", "bomb.png", path => HostileFiles.WritePng(path, 20_000), [TooLarge], Scan);
        yield return new("PNG of 17,000 x 17,000 pixels", "large.png", path => HostileFiles.WritePng(path, 17_000), [TooLarge], Scan);
        yield return new("JBIG2 of 35,000 x 35,000 pixels in a PDF", "jbig2.pdf", HostileFiles.WriteJbig2, ["timeout", "damaged", "none", "complete", "partial"], Scan);
        yield return new("endless chain of TIFF directories", "endless.tif", HostileFiles.WriteEndlessTiff, ["partial", "damaged"], Scan);
        yield return new("TIFF of 200,000 directories", "long.tif", path => HostileFiles.WriteLongTiff(path, 200_000), [TooLarge], Scan);
        yield return new("PDF whose page renders to gigabytes", "groups.pdf", path => HostileFiles.WriteGroups(path, 40), [TooLarge], Scan);
        yield return new("tesseract hangs", "scan.png", path => File.Copy(Page(path, 1), path), ["timeout"], Letter) { Tesseract = StandIn.Hangs };
        yield return new("tesseract crashes", "scan.png", path => File.Copy(Page(path, 1), path), ["crashed"], Letter) { Tesseract = StandIn.Crashes };
        yield return new("tesseract floods standard error", "scan.png", path => File.Copy(Page(path, 1), path), ["timeout"], Letter) { Tesseract = StandIn.Floods };
        yield return new("one of two languages missing", "scan.png", path => File.Copy(Page(path, 1), path), ["complete"], Scan) { Languages = ["eng", "tlh"] };
        yield return new("the only language missing", "scan.png", path => File.Copy(Page(path, 1), path), ["pending-ocr"], Letter) { Languages = ["tlh"] };
        yield return new("no tesseract", "scan.png", path => File.Copy(Page(path, 1), path), ["pending-ocr"], Letter) { HasTesseract = false };
    }

    private static async Task<string> RunAsync(Case one, WorkFolder work, Report report)
    {
        string folder = Directory.CreateDirectory(work.Fresh("case")).FullName;
        string bad = Path.Combine(folder, one.File);
        one.Write(bad);
        string next = Path.Combine(folder, one.Next == Scan ? "next.png" : "next.pdf");
        if (one.Next == Scan)
        {
            File.Copy(Page(next, 2), next);
        }
        else
        {
            await File.WriteAllBytesAsync(next, new TextPages().Page(1));
        }

        string config = Path.Combine(folder, "docingest.json");
        await File.WriteAllTextAsync(config, JsonSerializer.Serialize(new { extraction = new { workers = 1, ocrLanguages = one.Languages } }));
        string data = Path.Combine(folder, "data");
        string path = one.Tesseract is { } behaviour ? StandIn.Make(Path.Combine(folder, "bin"), behaviour) : one.HasTesseract ? Environment.GetEnvironmentVariable("PATH") ?? "" : folder;
        var run = await ProgramUnderTest.IngestAsync(data, [bad, next], sampleMemory: true, variables: new Dictionary<string, string> { ["PATH"] = path }, options: ["--config", config]);

        var (line, after) = (run.Lines.Single(line => line.File == bad), run.Lines.Single(line => line.File == next));
        var archived = new ArchivedFiles(Path.Combine(data, "archive"));
        bool isKept = line is { Id: { } id, Version: { } version } && archived.Original(id, version) is { } original && Enumerable.SequenceEqual(await File.ReadAllBytesAsync(original), await File.ReadAllBytesAsync(bad));
        double peak = run.PssBytes.Max();
        bool pass = isKept && one.Statuses.Contains(line.TextStatus) && after is { Outcome: "filed", TextStatus: "complete" } && after.At.TotalSeconds <= MostWaitSeconds && peak <= MostBytes;
        report.Row(
            $"{one.Name}", $"{new FileInfo(bad).Length:N0}", $"{line.TextStatus ?? line.Outcome}{(isKept ? "" : ", not kept")}", $"{line.At.TotalSeconds:N1}", $"{peak / 1e6:N0}",
            $"{one.Next}, {after.TextStatus ?? after.Outcome}", $"{after.At.TotalSeconds:N1}", $"{report.Judge(pass)}");
        await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{one.Name}: {line.TextStatus} after {line.At.TotalSeconds:N1} s, {peak / 1e6:N0} MB; next {after.TextStatus} after {after.At.TotalSeconds:N1} s"));
        return line is { Id: { } record, Version: { } made } ? Reason(archived, record, made) : "no record";
    }

    private static string Reason(ArchivedFiles archived, string id, string version)
    {
        using var record = JsonDocument.Parse(File.ReadAllBytes(archived.File(id, version, "record.json")!));   // every record has one
        string note = record.RootElement.TryGetProperty("note", out var said) ? said.GetString() ?? "" : "read";
        string flags = string.Join(", ", record.RootElement.GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()));
        return flags.Length == 0 ? note : $"{note} Flags: {flags}.";
    }

    // Drawn beside the file, in a folder of its own.
    private static string Page(string beside, int seed) =>
        new NotePages($"{beside}-drawn").Draw("Discharge letter\n\nThe patient was seen in the clinic and goes home today.\nNo allergies are known. Blood pressure was normal.", seed, Hardship.Everyday).Image;

    /// <summary>Something bad, and what the program should make of it.</summary>
    private sealed record Case(string Name, string File, Action<string> Write, IReadOnlyList<string?> Statuses, string Next)
    {
        /// <summary>What a script in tesseract's place does; null for the real one.</summary>
        public string? Tesseract { get; init; }

        public bool HasTesseract { get; init; } = true;

        public IReadOnlyList<string> Languages { get; init; } = ["eng"];
    }
}
