using System.Globalization;
using System.Text.Json;
using DocIngest.Benchmarks.Ingest;
using DocIngest.Benchmarks.Measuring;
using DocIngest.Benchmarks.Ocr;
using DocIngest.Pipeline.Extraction.Layers;
using DocIngest.TestKit;

namespace DocIngest.Benchmarks.Layers;

/// <summary>Which text layers does ingest give up for junk, of all in the corpora, and of the same made illegible?</summary>
internal static class TextLayersBenchmark
{
    private const double FalseAlarmBar = 0.005;
    private const int LeastCharacters = 20;
    private const int LeastLetters = 60;

    private static readonly string[] Names = ["docspell", "format-corpus", "mayan", "ocrmypdf", "paperless-ngx", "pdfpig", "py-pdf-samples", "tika"];

    // What is called junk was looked at: these pages can be read. The others are fonts without a way back, charts and music set in letters, and lines that
    // run backwards with every letter spaced.
    private static readonly string[] Legible =
    [
        "Single Page Form Content - from itext 1_1.pdf 1", "FailedToParseContentForPage32.pdf 129", "GHOSTSCRIPT-692564-0.pdf 1", "GeoTopo-komprimiert.pdf",
    ];

    public static async Task<int> RunAsync(string[] args)
    {
        using var work = new WorkFolder(args, "text-layers");
        var report = new Report("Text layers that are given up for junk", "text-layers", args, work.Path);
        var pages = await ReadAsync(work);
        var layers = pages.Where(page => page.Text.Count(letter => !char.IsWhiteSpace(letter)) >= LeastCharacters).ToList();

        report.Line($"Every PDF of the corpora, taken in by the program without tesseract; pages with at least {LeastCharacters} characters of their own. Why they would be read by OCR:").Line();
        report.Table("corpus", "pages", "junk-text", "of these legible", "unmapped-text", "little-text");
        foreach (string name in Names.Append("all"))
        {
            var own = layers.Where(page => name == "all" || page.Corpus == name).ToList();
            report.Row($"{name}", $"{own.Count}", $"{Count(own, "junk-text")}", $"{own.Count(IsFalseAlarm)}", $"{Count(own, "unmapped-text")}", $"{Count(own, "little-text")}");
        }

        var good = layers.Where(page => page.Reason is null or "little-text" && !TextLegibility.IsJunk(page.Text)).ToList();
        double falseShare = (double)layers.Count(IsFalseAlarm) / Math.Max(1, good.Count + layers.Count(IsFalseAlarm));
        report.Line().Line($"Legible pages given up: {falseShare:P2} (bar {FalseAlarmBar:P1}): {report.Judge(layers.Count > 0 && falseShare <= FalseAlarmBar)}. Of the legible, each made illegible:").Line();
        ReportSpoilt(report, [.. good.Select(page => page.Text).Where(text => text.Count(char.IsAsciiLetter) >= LeastLetters)]);
        ReportOtherTexts(report);
        report.Line($"Looked at by eye: legible are a form of placeholders, a listing of a program, a chromatogram, two pages of formulas. The others are fonts without a way back to characters, charts and music set in letters, and lines that run backwards with every letter spaced. Files with pages called junk (pages): {string.Join(", ", layers.Where(page => page.Reason == "junk-text").GroupBy(page => page.File).Select(file => $"{file.Key} ({file.Count()})"))}.");
        return report.Print();
    }

    private static void ReportSpoilt(Report report, List<string> texts)
    {
        report.Table("made", "pages", "noticed", "share", "bar", "");
        foreach (var (name, bar, spoil) in Illegible.Kinds)
        {
            var random = new Random(1);
            var spoilt = texts.Where(text => name != Illegible.Utf8AsLatin1 || text.Count(letter => letter is >= '\u00A0' and < '\u2000') > text.Length * 0.02).Select(text => spoil(text, random)).ToList();
            int noticed = spoilt.Count(TextLegibility.IsJunk);
            double share = (double)noticed / Math.Max(1, spoilt.Count);
            report.Row($"{name}", $"{spoilt.Count}", $"{noticed}", $"{share:N3}", $"{(bar > 0 ? bar.ToString("N2", CultureInfo.InvariantCulture) : "-")}", $"{(bar > 0 ? report.Judge(share >= bar) : "-")}");
        }

        report.Line();
    }

    private static void ReportOtherTexts(Report report)
    {
        report.Line($"Texts that are no layers, and no junk:").Line();
        report.Table("texts", "number", "called junk", "");
        var sets = new (string Name, IEnumerable<string> Texts)[]
        {
            ("sections of clinical notes", CsvFile.Column(Corpora.Folder("mts-dialog/Main-Dataset") + "/MTS-Dialog-TrainingSet.csv", "section_text")),
            ("notes of visits", CsvFile.Column(Corpora.Folder("aci-bench/data/challenge_data") + "/train.csv", "note")),
            ("receipts, upper case", Directory.GetFiles(Corpora.Folder("sroie/data/box")).Select(ReceiptText)),
            ("single lines of receipts", Directory.GetFiles(Corpora.Folder("sroie/data/box")).SelectMany(file => ReceiptText(file).Split('\n'))),
        };
        foreach (var (name, texts) in sets)
        {
            var all = texts.ToList();
            int junk = all.Count(TextLegibility.IsJunk);
            report.Row($"{name}", $"{all.Count}", $"{junk}", $"{report.Judge(all.Count > 0 && junk <= FalseAlarmBar * all.Count)}");
        }

        report.Line();
    }

    private static string ReceiptText(string box) => string.Join('\n', File.ReadLines(box).Select(line => string.Join(',', line.Split(',').Skip(8))));

    private static int Count(IEnumerable<LayerPage> pages, string reason) => pages.Count(page => page.Reason == reason);

    private static bool IsFalseAlarm(LayerPage page) => page.Reason == "junk-text" && Legible.Any(legible => $"{page.File} {page.Number}".StartsWith(legible, StringComparison.Ordinal));

    private static async Task<List<LayerPage>> ReadAsync(WorkFolder work)
    {
        var corpora = Names.ToDictionary(name => name, name => Directory.EnumerateFiles(Corpora.Folder(name), "*.pdf", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList());
        string? path = Environment.GetEnvironmentVariable("PATH");
        Environment.SetEnvironmentVariable("PATH", work.Path);   // where no tesseract is: what pages have themselves is the question
        IngestRun run;
        try
        {
            run = await ProgramUnderTest.IngestAsync(work["data"], corpora.Values.SelectMany(files => files));
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
        }

        var archived = new ArchivedFiles(Path.Combine(work["data"], "archive"));
        var pages = new List<LayerPage>();
        foreach (var line in run.Lines.Where(line => line is { Outcome: "filed", Id: not null, Version: not null }))
        {
            string corpus = corpora.First(pair => pair.Value.Contains(line.File)).Key;
            using var text = JsonDocument.Parse(await File.ReadAllBytesAsync(archived.File(line.Id!, line.Version!, "text.json") ?? throw new InvalidDataException("A record without text.json.")));   // filtered above
            pages.AddRange(text.RootElement.GetProperty("pages").EnumerateArray().Select(page => new LayerPage(
                corpus, Path.GetFileName(line.File), page.GetProperty("number").GetInt32(), page.GetProperty("text").GetString() ?? "",
                page.TryGetProperty("ocrReason", out var reason) ? reason.GetString() : null)));
        }

        return pages;
    }

    private sealed record LayerPage(string Corpus, string File, int Number, string Text, string? Reason);
}
