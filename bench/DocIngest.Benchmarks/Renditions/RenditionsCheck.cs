using System.Globalization;
using System.Text.Json;
using DocIngest.Benchmarks.Ingest;
using DocIngest.Benchmarks.Measuring;
using DocIngest.Benchmarks.Ocr;
using DocIngest.TestKit;

namespace DocIngest.Benchmarks.Renditions;

/// <summary>Are searchable renditions clean, small, unchanged to the eye, and do they say what OCR read, in its order?</summary>
internal static class RenditionsCheck
{
    private const double SizeShare = 1.15;
    private const long SizeAllowance = 50_000;
    private const double LeastRecall = 0.97;

    public static async Task<int> RunAsync(string[] args)
    {
        using var work = new WorkFolder(args, "renditions");
        string pictures = Arguments.Text(args, "--pictures", "");
        string again = Arguments.Text(args, "--again", "");   // the folder that an earlier run left with --keep: its renditions are looked at once more
        var report = new Report("Searchable renditions", "renditions", args, work.Path);
        report.Line($"Scans of the corpora, taken in by the program. Clean: `qpdf --check` ends with 0. Ratio: bytes of rendition to bytes of original. Words: share of the words OCR read that `pdftotext` finds, page by page, and of those it finds that OCR read. In order: neighbours in the text of OCR that are neighbours in `pdftotext -raw`. Alike: pages that show what the original shows, but for 1 % of the values at most: of PDFs as `pdftoppm` renders both; of images as Magick decodes the original, and `pdftoppm` renders the rendition, both reduced to 300 pixels, where another shade is more than 24 of 255.").Line();
        report.Table("set", "scans", "with OCR words", "renditions", "clean", "ratio, median", "largest", "over bound", "pages", "words found", "true", "in order", "alike", "");
        var all = new List<RenditionFacts>();
        foreach (var (name, files) in Sets())
        {
            var facts = await LookAtAsync(files, work.Fresh("data"), again, pictures.Length > 0 ? Directory.CreateDirectory(Path.Combine(pictures, name)).FullName : null);
            all.AddRange(facts);
            Row(report, name, files.Count, facts);
        }

        Row(report, "all", Sets().Sum(set => set.Files.Count), all);
        report.Line().Line($"Not made: {all.Count(facts => !facts.IsMade)}.");
        foreach (var facts in all.Where(facts => !facts.IsMade || !facts.IsClean || facts.Pages.Any(page => page.Found < LeastRecall || !page.IsAlike)))
        {
            report.Line($"- {facts.Name}: {(facts.IsMade ? "" : facts.Note)} {string.Join(", ", facts.Pages.Select(page => string.Create(CultureInfo.InvariantCulture, $"{page.Found:N2}/{page.True:N2}/{page.InOrder:N2}{(page.IsAlike ? "" : $" not alike ({page.Differing:N3})")}")))}");
        }

        return report.Print();
    }

    private static IEnumerable<(string Name, IReadOnlyList<string> Files)> Sets()
    {
        yield return ("scribe", Of("scribe-ocr-benchmark/img", "*.png", 8));
        yield return ("sroie", Of("sroie/data/img", "*.jpg", 25));
        yield return ("tesseract-test", [.. Of("tesseract-test/testing", "*.tif", 40), .. Of("tesseract-test/testing", "*.png", 10), .. Of("tesseract-test/testing", "*.jpg", 5)]);
        yield return ("ocrmypdf", [.. Of("ocrmypdf/tests/resources", "*.pdf", 60).Where(file => Path.GetFileName(file) is not ("hugemono.pdf" or "enormous.pdf")), .. Of("ocrmypdf/tests/resources", "*.png", 12), .. Of("ocrmypdf/tests/resources", "*.jpg", 5)]);
        yield return ("docspell", [.. Of("docspell/modules/files/src/test/resources", "*.pdf", 10), .. Of("docspell/modules/files/src/test/resources/camera", "*.*", 5)]);
        yield return ("paperless-ngx", [.. new[] { "*.pdf", "*.png", "*.tif*", "*.jpg", "*.webp", "*.gif", "*.heic" }.SelectMany(pattern => Of("paperless-ngx/src/paperless/tests/samples/tesseract", pattern, 30))]);
        yield return ("twelvemonkeys", [.. Directory.EnumerateFiles(Corpora.Folder("twelvemonkeys"), "*.tif*", SearchOption.AllDirectories)
            .Where(file => File.Exists(file) && !Path.GetFileName(file).StartsWith("flower", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Take(60)]);
    }

    private static List<string> Of(string folder, string pattern, int most) =>
        [.. Directory.EnumerateFiles(Corpora.Folder(folder), pattern).Order(StringComparer.Ordinal).Take(most)];

    private static async Task<List<RenditionFacts>> LookAtAsync(IReadOnlyList<string> files, string fresh, string again, string? pictures)
    {
        string data = again.Length == 0 ? fresh : Path.Combine(again, Path.GetFileName(fresh));
        var lines = again.Length == 0 ? (await ProgramUnderTest.IngestAsync(data, files)).Lines : Receipts(data);
        var archived = new ArchivedFiles(Path.Combine(data, "archive"));
        var facts = new List<RenditionFacts>();
        foreach (var line in lines.Where(line => line is { Outcome: "filed", Id: not null, Version: not null }))
        {
            if (await RenditionFacts.OfAsync(line, archived, pictures) is { } found)
            {
                facts.Add(found);
            }
        }

        await Console.Error.WriteLineAsync($"{data}: {facts.Count} with words of OCR, {facts.Count(found => found.IsMade)} renditions");
        return facts;
    }

    private static List<IngestLine> Receipts(string data) =>
        [.. Directory.EnumerateFiles(Path.Combine(data, "receipts"), "*.jsonl").SelectMany(File.ReadLines).Select(line => JsonDocument.Parse(line).RootElement)
            .Where(receipt => receipt.GetProperty("outcome").GetString() == "filed")
            .Select(receipt => new IngestLine(
                TimeSpan.Zero, receipt.GetProperty("fileName").GetString() ?? "", "filed", receipt.GetProperty("recordId").GetString(), $"v{receipt.GetProperty("version").GetInt32()}", null))];

    private static void Row(Report report, string name, int scans, List<RenditionFacts> facts)
    {
        var made = facts.Where(found => found.IsMade).ToList();
        if (made.Count == 0)
        {
            report.Row($"{name}", $"{scans}", $"{facts.Count}", $"0", $"", $"", $"", $"", $"", $"", $"", $"", $"", $"");
            return;
        }

        var ratios = made.Select(found => (double)found.Bytes / found.OriginalBytes).Order().ToList();
        int over = made.Count(found => found.Bytes > (found.OriginalBytes * SizeShare) + SizeAllowance);
        var pages = made.SelectMany(found => found.Pages).ToList();
        int clean = made.Count(found => found.IsClean);
        bool pass = clean == made.Count && over == 0 && pages.Average(page => page.Found) >= LeastRecall && pages.All(page => page.IsAlike);
        report.Row(
            $"{name}", $"{scans}", $"{facts.Count}", $"{made.Count}", $"{clean}", $"{ratios[ratios.Count / 2]:N2}", $"{ratios[^1]:N2}", $"{over}", $"{pages.Count}",
            $"{pages.Average(page => page.Found):N3}", $"{pages.Average(page => page.True):N3}", $"{pages.Average(page => page.InOrder):N3}",
            $"{pages.Count(page => page.IsAlike)} of {pages.Count}", $"{report.Judge(pass)}");
    }
}
