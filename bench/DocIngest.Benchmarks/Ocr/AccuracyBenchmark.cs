using System.Globalization;
using DocIngest.Benchmarks.Ingest;
using DocIngest.Benchmarks.Measuring;

namespace DocIngest.Benchmarks.Ocr;

/// <summary>How much of a page does ingest read, beside bare tesseract on the same image? Bags of words against the truth.</summary>
internal static class AccuracyBenchmark
{
    // What is not to be called worse: a word more or less on a page of two hundred.
    private const double Slack = 0.005;

    public static async Task<int> RunAsync(string[] args)
    {
        int pages = Arguments.Number(args, "--pages", 200);
        using var work = new WorkFolder(args, "ocr-accuracy");
        var report = new Report("Accuracy of OCR beside bare tesseract", "ocr-accuracy", args, work.Path);
        report.Line($"{BareTesseract.Version()}, `-l eng --psm 3`, on the same images. Recall: share of the truth's words that were read; precision: share of the words read that are true; lower-case, order ignored, mean over pages. Up to {Slack:N3} less, a word or so on a page of two hundred, is not called worse, nor more called better: of a page, and of a set where it need not be better.").Line();
        report.Table("set", "pages", "recall", "bare", "precision", "bare", "pages better", "worse", "");
        string only = Arguments.Text(args, "--set", "");
        string details = Arguments.Text(args, "--details", "");
        foreach (var set in Sets(work, pages).Where(set => set.Name.Contains(only, StringComparison.OrdinalIgnoreCase)))
        {
            await JudgeAsync(report, set, work, details);
        }

        return report.Print();
    }

    private static IEnumerable<PageSet> Sets(WorkFolder work, int pages)
    {
        yield return CorpusPages.Scribe();
        yield return CorpusPages.TesseractTest();
        yield return CorpusPages.Linn();
        yield return CorpusPages.Letters();
        yield return CorpusPages.Receipts();
        var texts = NotePages.Texts(pages);
        var notes = new NotePages(work["notes"]);
        yield return new("notes, as scanners send them", Drawn(texts, 0, Hardship.Everyday));
        foreach (var (hardship, name, harder) in new[]
        {
            (Hardship.Faint, "notes, faint", true), (Hardship.Skewed, "notes, skewed 3 to 8 degrees", true), (Hardship.Rotated, "notes, rotated by quarters", true),
            (Hardship.LowResolution, "notes, 60 to 90 DPI", true), (Hardship.BlackBorders, "notes, black borders and 2 degrees", false),
        })
        {
            yield return new(name, Drawn([.. texts.Take(Math.Max(4, pages / 10))], 1000, hardship), MustBeBetter: harder);
        }

        // On all cores: to draw a page takes a second or two.
        PageTruth[] Drawn(IReadOnlyList<string> some, int firstSeed, Hardship hardship) =>
            [.. some.AsParallel().AsOrdered().Select((text, at) => notes.Draw(text, firstSeed + at, hardship))];
    }

    private static async Task JudgeAsync(Report report, PageSet set, WorkFolder work, string details)
    {
        var bare = await BareTesseract.ReadAllAsync([.. set.Pages.Select(page => page.Image)]);
        var ours = await ReadByIngestAsync(set, work);
        var rows = set.Pages.Select(page => (page.Image, Truth: new WordBag(page.Text), Bare: new WordBag(bare[page.Image]), Ours: new WordBag(ours[page.Image])))
            .Select(row => (row.Image, Recall: row.Truth.Recall(row.Ours), BareRecall: row.Truth.Recall(row.Bare), Precision: row.Truth.Precision(row.Ours), BarePrecision: row.Truth.Precision(row.Bare)))
            .ToList();
        if (details.Length > 0)
        {
            await File.AppendAllLinesAsync(details, rows.Select(row => string.Create(CultureInfo.InvariantCulture,
                $"{set.Name}\t{Path.GetFileName(row.Image)}\t{row.Recall:N3}\t{row.BareRecall:N3}\t{row.Precision:N3}\t{row.BarePrecision:N3}")));
        }

        double recall = rows.Average(row => row.Recall);
        double bareRecall = rows.Average(row => row.BareRecall);
        double precision = rows.Average(row => row.Precision);
        double barePrecision = rows.Average(row => row.BarePrecision);
        bool pass = set.MustBeBetter ? recall > bareRecall && precision >= barePrecision - Slack : recall >= bareRecall - Slack && precision >= barePrecision - Slack;
        report.Row(
            $"{set.Name}", $"{rows.Count}", $"{recall:N3}", $"{bareRecall:N3}", $"{precision:N3}", $"{barePrecision:N3}",
            $"{rows.Count(row => row.Recall > row.BareRecall + Slack)}", $"{rows.Count(row => row.Recall < row.BareRecall - Slack)}", $"{report.Judge(pass)}");
        await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{set.Name}: recall {recall:N3} (bare {bareRecall:N3}), precision {precision:N3} ({barePrecision:N3})"));
    }

    private static async Task<Dictionary<string, string>> ReadByIngestAsync(PageSet set, WorkFolder work)
    {
        string data = work.Fresh("data");
        var run = await ProgramUnderTest.IngestAsync(data, set.Pages.Select(page => page.Image));
        var archived = new ArchivedFiles(Path.Combine(data, "archive"));
        return set.Pages.ToDictionary(page => page.Image, page => run.Lines.FirstOrDefault(line => line.File == page.Image) is { Id: { } id, Version: { } version }
            ? string.Join('\n', archived.PageTexts(id, version))
            : "");
    }
}
