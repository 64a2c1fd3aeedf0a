using DocIngest.Pipeline.Extraction.Child.Ocr;
using DocIngest.Pipeline.Extraction.Images;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Records;
using ImageMagick;

namespace DocIngest.Pipeline.Extraction.Child.Renditions;

/// <summary>How images get into a rendition.</summary>
internal enum ImageCoding
{
    /// <summary>As they are, where PDF has a filter for them; else decoded and written without loss.</summary>
    Untouched,

    /// <summary>All decoded and written without loss: what they are is damaged, or not what it says.</summary>
    Lossless,

    /// <summary>As <see cref="Untouched"/>; what has to be decoded is written as JPEG.</summary>
    Lossy,
}

/// <summary>Makes a PDF of an image file: a page a frame, each with its image and its text.</summary>
internal sealed class ImageRendition : IDisposable
{
    private const int ReadBudget = 131_072;   // as the reader of headers
    private const double LongestSide = 14_400;   // ISO 32000-1, annex C

    private readonly FileStream _file;
    private readonly WorkerRequest _request;
    private readonly ImageFilePages _pages;
    private readonly int _count;
    private readonly IReadOnlyList<int> _shown;
    private readonly Dictionary<int, PageText> _texts;

    /// <summary>Opens an image file.</summary>
    /// <param name="file">At its begin; the caller closes it.</param>
    /// <param name="request">For its format and limits.</param>
    /// <param name="text">Laid over the pages.</param>
    /// <param name="shown">The pages that are written, ascending; null: all.</param>
    public ImageRendition(FileStream file, WorkerRequest request, DocumentText text, IReadOnlyList<int>? shown = null)
    {
        _file = file;
        _request = request;
        _pages = new ImageFilePages(file, request);
        _count = request.Format switch
        {
            FileFormat.Tiff => _pages.TiffPages,
            FileFormat.Gif => CountFrames(),
            _ => 1,
        };
        _shown = shown ?? [.. Enumerable.Range(1, _count)];
        _texts = text.Pages.ToDictionary(page => page.Number);
    }

    /// <summary>Whether the file has every page that is to be written.</summary>
    public bool HasAllPages => _shown.All(number => number >= 1 && number <= _count);

    /// <summary>Writes it. Where pages are left out, the others are labelled with their numbers in the file.</summary>
    /// <param name="output">A new file.</param>
    /// <param name="coding">How the images are written.</param>
    /// <param name="quality">Of JPEG, 1 to 100.</param>
    /// <param name="maxBytes">Behind the page with which it is longer, nothing more is written.</param>
    public void Write(string output, ImageCoding coding, int quality, long maxBytes)
    {
        using var pdf = new PdfFileWriter(new FileStream(output, FileMode.CreateNew, FileAccess.Write));
        var font = new TextLayerFont(pdf);
        int tree = pdf.Reserve();
        var kids = new List<int>();
        foreach (int number in _shown.TakeWhile(_ => pdf.Length <= maxBytes))
        {
            kids.Add(WritePage(pdf, font, tree, number, coding, quality));
        }

        font.Finish();
        pdf.Write(tree, $"<</Type/Pages/Count {kids.Count}/Kids[{string.Join(' ', kids.Select(kid => $"{kid} 0 R"))}]>>");
        pdf.Finish(pdf.Add($"<</Type/Catalog/Pages {tree} 0 R{PageLabels.For(_shown.Take(kids.Count))}>>"));
    }

    public void Dispose() => _pages.Dispose();

    private int WritePage(PdfFileWriter pdf, TextLayerFont font, int tree, int number, ImageCoding coding, int quality)
    {
        var (image, orientation, points) = Load(number, coding, quality);
        var text = _texts.GetValueOrDefault(number);
        var (width, height) = text?.Layout is { } layout ? (layout.Width, layout.Height) : points;
        double scale = Math.Min(1, LongestSide / Math.Max(width, height));
        int picture = image.WriteTo(pdf);
        byte[] words = text is null ? [] : TextLayer.Write(text, font, new TextPlace(0, height * scale, scale));
        string show = $"q {Matrix(orientation, width * scale, height * scale)} cm /I Do Q\n";
        int content = pdf.AddCompressed("", [.. System.Text.Encoding.ASCII.GetBytes(show), .. words]);
        return pdf.Add(
            $"<</Type/Page/Parent {tree} 0 R/MediaBox[0 0 {PdfFileWriter.Number(width * scale)} {PdfFileWriter.Number(height * scale)}]"
            + $"/Contents {content} 0 R/Resources<</XObject<</I {picture} 0 R>>/Font<</F {font.Number} 0 R>>>>>>");
    }

    private (PageImageData Image, Orientation Turn, (double Width, double Height) Points) Load(int number, ImageCoding coding, int quality)
    {
        if (coding != ImageCoding.Lossless && FindUntouched(number) is { } untouched)
        {
            using var header = ImageDecoder.Ping(_request.Path, _request.Format, _pages.FrameOf(number), _request.MaxPixels);
            return (untouched, header.Orientation, ImageFilePages.PointsOf(header));
        }

        using var page = _pages.Load(number);
        bool isLossy = coding == ImageCoding.Lossy || _request.Format is FileFormat.WebP or FileFormat.Heic;
        return (RecodedImage.Encode(page.Image, isLossy ? quality : null), Orientation.TopLeft, (page.WidthPoints, page.HeightPoints));
    }

    private PageImageData? FindUntouched(int number) => _request.Format switch
    {
        FileFormat.Jpeg => JpegImage.Find(_file, 0, _file.Length),
        FileFormat.Png => PngImage.Find(_file),
        FileFormat.Jpeg2000 => Jpeg2000Image.Find(_file),
        FileFormat.Tiff => TiffImage.Find(new BudgetedFile(_file, ReadBudget), _file, _pages.FrameOf(number)),
        _ => null,
    };

    private int CountFrames()
    {
        GifBlocks.TryCountFrames(new BudgetedFile(_file, ReadBudget), _request.MaxPages, out int frames);
        return Math.Min(frames, _request.MaxPages);
    }

    /// <summary>Turns and mirrors the unit square that an image fills onto the page (TIFF 6.0, Orientation; Exif has the same).</summary>
    private static string Matrix(Orientation orientation, double width, double height)
    {
        var (w, h) = (PdfFileWriter.Number(width), PdfFileWriter.Number(height));
        return orientation switch
        {
            Orientation.TopRight => $"-{w} 0 0 {h} {w} 0",
            Orientation.BottomRight => $"-{w} 0 0 -{h} {w} {h}",
            Orientation.BottomLeft => $"{w} 0 0 -{h} 0 {h}",
            Orientation.LeftTop => $"0 -{h} -{w} 0 {w} {h}",
            Orientation.RightTop => $"0 -{h} {w} 0 0 {h}",
            Orientation.RightBottom => $"0 {h} {w} 0 0 0",
            Orientation.LeftBottom => $"0 {h} -{w} 0 {w} 0",
            _ => $"{w} 0 0 {h} 0 0",
        };
    }
}
