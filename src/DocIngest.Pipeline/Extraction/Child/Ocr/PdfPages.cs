using System.ComponentModel;
using System.Globalization;
using DocIngest.Pipeline.Extraction.Images;
using DocIngest.Pipeline.Extraction.Pdf;
using ImageMagick;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Content;

namespace DocIngest.Pipeline.Extraction.Child.Ocr;

/// <summary>
/// The pages of a PDF: the scanner's own image where it is all that a page shows, else what poppler renders, at the resolution of
/// the finest image on it.
/// </summary>
internal sealed class PdfPages : IPageImages
{
    private const double PointsPerInch = 72;

    // Print of 8 points is read well at 300; below 150 letters have too few dots, above 600 there is nothing more to see.
    private const double UsualDpi = 300;
    private const double LeastDpi = 150;
    private const double MostDpi = 600;

    private readonly WorkerRequest _request;
    private readonly string? _pdfToPpm;
    private readonly ScratchFolder _scratch;
    private readonly MappedFile _mapped;
    private readonly PdfDocument _document;

    public PdfPages(FileStream file, WorkerRequest request, string? pdfToPpm, ScratchFolder scratch)
    {
        _request = request;
        _pdfToPpm = pdfToPpm;
        _scratch = scratch;
        _mapped = MappedFile.Map(file);
        try
        {
            _document = PdfReader.Open(_mapped);
        }
        catch
        {
            ((IDisposable)_mapped).Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public PageImage Load(int number)
    {
        var page = _document.GetPage(number);
        bool isDamaged = false;
        if (SoleImage.Find(page) is { } sole && sole.TryDecode(_request.MaxPixels, out isDamaged) is { } image)
        {
            return new PageImage(image, page.Width, page.Height) { HoldsMoreThanWhite = page.GetImages().Any(SoleImage.HoldsMoreThanWhite) };
        }

        return new PageImage(Render(page, out bool hasFaults), page.Width, page.Height)
        {
            IsDamaged = isDamaged || hasFaults,
            HoldsMoreThanWhite = page.GetImages().Any(SoleImage.HoldsMoreThanWhite),
        };
    }

    public void Dispose()
    {
        _document.Dispose();
        ((IDisposable)_mapped).Dispose();
    }

    // Poppler ends well where it cannot decode an image, and leaves its place white; but it says so.
    private MagickImage Render(Page page, out bool isDamaged)
    {
        string program = _pdfToPpm ?? throw new PageNotShownException();
        string name = _scratch.NewName("page");
        string file = $"{name}.pgm";
        string resolution = Resolution(page).ToString("0.##", CultureInfo.InvariantCulture);
        string place = page.Number.ToString(CultureInfo.InvariantCulture);
        try
        {
            bool hasFaults = false;
            bool lacksMemory = false;
            int code = ProgramCall.Run(
                program,
                ["-gray", "-cropbox", "-singlefile", "-r", resolution, "-f", place, "-l", place, _request.Path, name],
                static _ => { },
                line =>
                {
                    hasFaults |= line.Length > 0 && !line.Span.StartsWith("Syntax Warning"u8);   // its libraries complain in words of their own
                    lacksMemory |= line.Span.StartsWith("Out of memory"u8) || line.Span.IndexOf("bad_alloc"u8) >= 0;
                });
            if (lacksMemory)
            {
                throw new PageTooLargeException();   // it may end well all the same, and leave out what it had no room for
            }

            if (code != 0)
            {
                throw new InvalidOperationException("The page could not be rendered.");
            }

            var image = ImageDecoder.Decode(File.ReadAllBytes(file), MagickFormat.Pgm, _request.MaxPixels, out bool isCut);
            isDamaged = hasFaults || isCut;
            return image;
        }
        catch (Win32Exception)
        {
            throw new PageNotShownException();   // it does not start
        }
        finally
        {
            ScratchFolder.Remove(file);
        }
    }

    private double Resolution(Page page)
    {
        double finest = page.GetImages().Select(Resolution).DefaultIfEmpty(UsualDpi).Max();
        double wanted = Math.Clamp(finest >= UsualDpi / 2 ? finest : UsualDpi, LeastDpi, MostDpi);
        double squareInches = page.Width * page.Height / (PointsPerInch * PointsPerInch);
        return Math.Min(wanted, Math.Sqrt(0.98 * _request.MaxPixels / Math.Max(squareInches, 0.01)));   // the renderer rounds up
    }

    private static double Resolution(IPdfImage image) =>
        image.BoundingBox is { Width: > 0 } bounds ? image.WidthInSamples * PointsPerInch / bounds.Width : 0;
}
