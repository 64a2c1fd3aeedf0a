using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction.Child.Ocr;

/// <summary>A page image as tesseract gets it, and the way back from its pixels to the page.</summary>
internal sealed record PreparedPage
{
    /// <summary>The image file.</summary>
    public required string File { get; init; }

    /// <summary>Pixels of the prepared image.</summary>
    public required (double Width, double Height) Pixels { get; init; }

    /// <summary>Of the page, points.</summary>
    public required (double Width, double Height) Points { get; init; }

    /// <summary>Prepared pixels a point.</summary>
    public required double PixelsPerPoint { get; init; }

    /// <summary>How far the page had to be turned anticlockwise about its middle for its lines to lie level.</summary>
    public double AngleDegrees { get; init; }

    /// <summary>Where a word stands on the page: see <see cref="PageWord"/>.</summary>
    public PageWord Place(TesseractWord word, string text)
    {
        double x = (word.Left - (Pixels.Width / 2)) / PixelsPerPoint;
        double y = (word.Top - (Pixels.Height / 2)) / PixelsPerPoint;
        var (sin, cos) = Math.SinCos(AngleDegrees * Math.PI / 180);   // y points down, so a positive angle turns clockwise
        return new PageWord(
            text,
            [
                Round((Points.Width / 2) + (x * cos) - (y * sin)),
                Round((Points.Height / 2) + (x * sin) + (y * cos)),
                Round(word.Width / PixelsPerPoint),
                Round(word.Height / PixelsPerPoint),
            ],
            (int)Math.Round(word.ConfidencePercent));
    }

    private static double Round(double points) => Math.Round(points, 1);
}
