using System.Net;
using System.Text.RegularExpressions;
using DocIngest.TestKit;

namespace DocIngest.Benchmarks.Ocr;

/// <summary>Page images of the corpora whose text is known.</summary>
internal static partial class CorpusPages
{
    public static PageSet Scribe() => new("scribe, full pages", [.. Directory.GetFiles(Corpora.Folder("scribe-ocr-benchmark/img")).Order(StringComparer.Ordinal)
        .Select(image => new PageTruth(image, HocrText(Path.Combine(
            Corpora.Folder("scribe-ocr-benchmark/ground_truth"), Path.GetFileNameWithoutExtension(image) + ".truth.hocr"))))]);

    public static PageSet Receipts() => new("sroie, receipts", [.. Directory.GetFiles(Corpora.Folder("sroie/data/img")).Order(StringComparer.Ordinal)
        .Select(image => new PageTruth(image, BoxText(Path.Combine(Corpora.Folder("sroie/data/box"), Path.GetFileNameWithoutExtension(image) + ".csv"))))]);

    public static PageSet TesseractTest()
    {
        string folder = Corpora.Folder("tesseract-test/testing");
        return new("tesseract-test", [.. new[] { "phototest", "eurotext", "8071_093.3B", "8087_054.3B" }
            .Select(name => new PageTruth(Path.Combine(folder, $"{name}.tif"), File.ReadAllText(Path.Combine(folder, $"{name}.txt"))))]);
    }

    public static PageSet Letters()
    {
        string folder = Corpora.Folder("docspell/modules/files/src/test/resources");
        string text = File.ReadAllText(Path.Combine(folder, "letter-en.txt"));
        return new("docspell, letter by camera", [.. new[] { "letter-en.jpg", "letter-en.png" }.Select(name => new PageTruth(Path.Combine(folder, "camera", name), text))]);
    }

    public static PageSet Linn()
    {
        string folder = Corpora.Folder("ocrmypdf/tests/resources");
        return new("linn", [new PageTruth(Path.Combine(folder, "linn.png"), File.ReadAllText(Path.Combine(folder, "linn.txt")))]);
    }

    private static string HocrText(string file) => string.Join(' ', HocrWords().Matches(File.ReadAllText(file))
        .Select(word => WebUtility.HtmlDecode(Tags().Replace(word.Groups["text"].Value, ""))));

    // Eight corners, then the text, which may hold commas.
    private static string BoxText(string file) => string.Join('\n', File.ReadLines(file)
        .Select(line => string.Join(',', line.Split(',').Skip(8))));

    [GeneratedRegex("""<span class=['"]ocrx_word['"][^>]*>(?<text>.*?)</span>""", RegexOptions.Singleline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex HocrWords();

    [GeneratedRegex("<[^>]*>", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Tags();
}
