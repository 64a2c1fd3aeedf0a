using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using DocIngest.Benchmarks.Ingest;
using DocIngest.Benchmarks.Ocr;
using ImageMagick;
using ImageMagick.Drawing;

namespace DocIngest.Benchmarks.Renditions;

/// <summary>What stock programs say of one page of a rendition.</summary>
/// <param name="Found">Share of OCR's words that pdftotext finds.</param>
/// <param name="True">Share of its words that OCR read.</param>
/// <param name="InOrder">Share of neighbouring words that are neighbours there.</param>
/// <param name="Differing">Share of its values that are not those of the original's page.</param>
internal sealed record PageFacts(double Found, double True, double InOrder, double Differing)
{
    // Of the values of all pixels: qpdf makes a page a form, and poppler places its lines a hair differently; decoders of JPEG round differently.
    private const double AtTheEdges = 0.01;

    /// <summary>Whether it shows what the original's page shows.</summary>
    public bool IsAlike => Differing <= AtTheEdges;
}

/// <summary>What stock programs say of one rendition.</summary>
internal sealed record RenditionFacts(string Name, bool IsMade, string Note, bool IsClean, long Bytes, long OriginalBytes, IReadOnlyList<PageFacts> Pages)
{
    private const string Dpi = "72";
    private const string PictureDpi = "70";

    /// <summary>Looks at a record.</summary>
    /// <returns>Null where OCR read no word.</returns>
    public static async Task<RenditionFacts?> OfAsync(IngestLine line, ArchivedFiles archived, string? pictures)
    {
        string name = Path.GetFileName(line.File);
        string original = archived.Original(line.Id!, line.Version!)!;   // filtered by the caller; every record has one
        using var text = JsonDocument.Parse(await File.ReadAllBytesAsync(archived.File(line.Id!, line.Version!, "text.json")!));   // as above
        var pages = text.RootElement.GetProperty("pages").EnumerateArray()
            .Where(page => page.TryGetProperty("layout", out var layout) && layout.GetProperty("words").GetArrayLength() > 0)
            .Select(page => (Number: page.GetProperty("number").GetInt32(), Text: page.GetProperty("text").GetString() ?? "")).ToList();
        if (pages.Count == 0)
        {
            return null;
        }

        if (archived.File(line.Id!, line.Version!, "rendition.pdf") is not { } rendition)   // as above
        {
            using var record = JsonDocument.Parse(await File.ReadAllBytesAsync(archived.File(line.Id!, line.Version!, "record.json")!));   // as above
            string note = record.RootElement.TryGetProperty("note", out var said) ? said.GetString() ?? "" : "";
            return new RenditionFacts(name, IsMade: false, note, IsClean: false, 0, new FileInfo(original).Length, []);
        }

        bool isClean = await StockProgram.RunAsync("qpdf", "--check", rendition) is { Code: 0 };
        var facts = new List<PageFacts>();
        foreach (var (number, read) in pages)
        {
            string place = number.ToString(CultureInfo.InvariantCulture);
            string layout = (await StockProgram.RunAsync("pdftotext", "-f", place, "-l", place, rendition, "-")).Output;
            string raw = (await StockProgram.RunAsync("pdftotext", "-raw", "-f", place, "-l", place, rendition, "-")).Output;
            var (truth, found) = (new WordBag(read), new WordBag(layout));
            double differing = original.EndsWith(".pdf", StringComparison.Ordinal)
                ? Differing(await RenderAsync(original, place, "-r", Dpi), await RenderAsync(rendition, place, "-r", Dpi))
                : await PictureOfImage.DifferingAsync(original, number, size => RenderAsync(rendition, place, "-scale-to-x", size.Width, "-scale-to-y", size.Height));
            facts.Add(new PageFacts(truth.Recall(found), truth.Precision(found), PairsInOrder(read, raw), differing));
            if (pictures is not null)
            {
                await DrawAsync(rendition, place, Path.Combine(pictures, $"{name}-{place}.png"));
            }
        }

        return new RenditionFacts(name, IsMade: true, "", isClean, new FileInfo(rendition).Length, new FileInfo(original).Length, facts);
    }

    private static double Differing(byte[] before, byte[] after) =>
        before.Length != after.Length ? 1 : (double)before.Zip(after).Count(pair => pair.First != pair.Second) / before.Length;

    private static async Task<byte[]> RenderAsync(string pdf, string page, params string[] size)
    {
        string name = Path.Combine(Path.GetDirectoryName(pdf)!, "rendered");   // a file lies in a folder
        await StockProgram.RunAsync("pdftoppm", ["-cropbox", "-singlefile", .. size, "-f", page, "-l", page, pdf, name]);
        byte[] pixels = await File.ReadAllBytesAsync($"{name}.ppm");
        File.Delete($"{name}.ppm");
        return pixels;
    }

    /// <summary>The page with a frame round each word as a viewer would select it.</summary>
    private static async Task DrawAsync(string rendition, string page, string file)
    {
        using var image = new MagickImage(await RenderAsync(rendition, page, "-r", PictureDpi));
        string boxes = (await StockProgram.RunAsync("pdftotext", "-bbox", "-cropbox", "-f", page, "-l", page, rendition, "-")).Output;
        double scale = double.Parse(PictureDpi, CultureInfo.InvariantCulture) / 72;
        var drawing = new Drawables().StrokeColor(MagickColors.Red).StrokeWidth(1).FillColor(new MagickColor("#ffff0040"));
        foreach (Match box in Regex.Matches(boxes, "xMin=\"(?<left>[-0-9.]+)\" yMin=\"(?<top>[-0-9.]+)\" xMax=\"(?<right>[-0-9.]+)\" yMax=\"(?<bottom>[-0-9.]+)\"", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(10)))
        {
            double[] corners = [.. box.Groups.Values.Skip(1).Select(value => double.Parse(value.Value, CultureInfo.InvariantCulture) * scale)];
            drawing.Rectangle(corners[0], corners[1], corners[2], corners[3]);
        }

        drawing.Draw(image);
        await image.WriteAsync(file);
    }

    private static double PairsInOrder(string read, string raw)
    {
        var pairs = Pairs(read);
        var found = Pairs(raw).GroupBy(pair => pair).ToDictionary(pair => pair.Key, pair => pair.Count());
        return pairs.Count == 0 ? 1 : (double)pairs.GroupBy(pair => pair).Sum(pair => Math.Min(pair.Count(), found.GetValueOrDefault(pair.Key))) / pairs.Count;
    }

    private static List<(string, string)> Pairs(string text)
    {
        string[] words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return [.. words.Zip(words.Skip(1))];
    }
}
