using DocIngest.Pipeline.Extraction.BarCodes;
using DocIngest.Pipeline.Extraction.Child.Ocr;
using ImageMagick;

namespace DocIngest.Pipeline.Extraction.Child.BarCodes;

/// <summary>Reads the bar codes of the asked pages. That there is none is said only of a page that could be seen whole.</summary>
internal sealed class BarCodeReader(ScratchFolder scratch)
{
    // zbarimg holds 8 bytes a pixel, and its library takes no more than 256 MiB before it wants a file of its own. A3 at 300 DPI has 17 million.
    private const double MostPixels = 24_000_000;

    /// <summary>Reads pages.</summary>
    public void Read(FileStream file, WorkerRequest request, BarCodeTask task, IOcrSink sink)
    {
        using var pages = OcrReader.Open(file, request, task.PdfToPpm, scratch);
        var zbar = new ZbarImg(task.ZbarImg);
        foreach (int number in task.Pages)
        {
            sink.Turn(number);
            var (fate, codes) = Read(pages, number, zbar);
            sink.AddBarCodes(number, fate, codes);
        }
    }

    private (PageFate Fate, IReadOnlyList<WorkerBarCode>? Codes) Read(IPageImages pages, int number, ZbarImg zbar)
    {
        try
        {
            using var page = pages.Load(number);
            bool mayBeBlank = !page.HoldsMoreThanWhite;
            var codes = Look(page, zbar, out bool isBlank);
            bool isUnknown = codes.Count == 0 && (page.IsDamaged || (isBlank && !mayBeBlank));
            return isUnknown ? (PageFate.Failed, null) : (PageFate.Text, codes);
        }
        catch (Exception error) when (error is PageNotShownException or ZbarMissingException)
        {
            return (PageFate.PendingOcr, null);
        }
#pragma warning disable CA1031 // One page's damage must not cost the others; what a decoder says quotes the page.
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return (PageFate.Failed, null);
        }
#pragma warning restore CA1031
    }

    private List<WorkerBarCode> Look(PageImage page, ZbarImg zbar, out bool isBlank)
    {
        var image = page.Image;
        image.ColorSpace = ColorSpace.Gray;
        double pixels = (double)image.Width * image.Height;
        if (pixels > MostPixels)
        {
            image.Scale(new Percentage(100 * Math.Sqrt(MostPixels / pixels)));
        }

        var analysis = PageAnalysis.Of(image);
        isBlank = analysis.IsBlank;
        if (isBlank)
        {
            return [];
        }

        double pointsPerPixel = page.WidthPoints / image.Width;
        var found = new List<WorkerBarCode>();
        foreach (var look in BarCodeLooks.For(analysis, page.ResolutionDpi))
        {
            look.Prepare(image);
            found.AddRange(Ask(image, zbar).Select(code => ToPage(code, pointsPerPixel * look.Reduced, look.KeepsPlaces)));
        }

        // Each once, as it was read best; from top to bottom where that is known, else in an order that is always the same.
        return [.. found.GroupBy(code => (code.Symbology, code.Value)).Select(same => same.MaxBy(code => code.Quality)).OfType<WorkerBarCode>()
            .OrderBy(code => code.Box?[1] ?? 0).ThenBy(code => code.Box?[0] ?? 0)
            .ThenBy(code => code.Symbology, StringComparer.Ordinal).ThenBy(code => code.Value, StringComparer.Ordinal)
            .Take(BarCodeBounds.MaxCodes)];
    }

    private IReadOnlyList<FoundBarCode> Ask(MagickImage image, ZbarImg zbar)
    {
        string file = scratch.NewName("pgm");
        try
        {
            image.Depth = 8;
            Write(image, file);
            return zbar.Read(file);
        }
        finally
        {
            ScratchFolder.Remove(file);
        }
    }

    private static void Write(MagickImage image, string file)
    {
        try
        {
            image.Write(file, MagickFormat.Pgm);
        }
        catch (Exception error) when (error is MagickBlobErrorException or IOException)
        {
            throw new PageNotShownException();   // the disk
        }
    }

    private static WorkerBarCode ToPage(FoundBarCode code, double pointsPerPixel, bool keepsPlaces) => new(
        code.Symbology,
        code.Value,
        code.Quality,
        keepsPlaces && code.Box is var (left, top, width, height)
            ? [Round(left * pointsPerPixel), Round(top * pointsPerPixel), Round(width * pointsPerPixel), Round(height * pointsPerPixel)]
            : null);

    private static double Round(double points) => Math.Round(points, 1);
}
