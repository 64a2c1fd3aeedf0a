using ImageMagick;

namespace DocIngest.Pipeline.Extraction.Child.Ocr;

/// <summary>A page as pixels, upright as it is shown.</summary>
/// <param name="Image">Owned.</param>
/// <param name="WidthPoints">Of the page.</param>
/// <param name="HeightPoints">Of the page.</param>
internal sealed record PageImage(MagickImage Image, double WidthPoints, double HeightPoints) : IDisposable
{
    private const double PointsPerInch = 72;

    /// <summary>A part of it could not be decoded, and is white or grey: that nothing is seen there proves nothing.</summary>
    public bool IsDamaged { get; init; }

    /// <summary>Its data speak of more than a blank page: if it seems blank, it was not decoded as it should be.</summary>
    public bool HoldsMoreThanWhite { get; init; }

    /// <summary>Resolution along the width.</summary>
    public double ResolutionDpi => Image.Width * PointsPerInch / WidthPoints;

    /// <summary>A page of an image's own size.</summary>
    public static PageImage Of(MagickImage image, double resolutionDpi) =>
        new(image, image.Width * PointsPerInch / resolutionDpi, image.Height * PointsPerInch / resolutionDpi);

    public void Dispose() => Image.Dispose();
}
