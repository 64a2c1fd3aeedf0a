using DocIngest.Pipeline.Extraction.Child.Ocr;
using ImageMagick;

namespace DocIngest.Pipeline.Extraction.Child.BarCodes;

/// <summary>One way to look at a page; the image was prepared by those before it.</summary>
/// <param name="Prepare">Changes the image.</param>
/// <param name="Reduced">Pixels of the page to one of the image.</param>
/// <param name="KeepsPlaces">Whether what stands somewhere on the image stands there on the page.</param>
internal sealed record BarCodeLook(Action<MagickImage> Prepare, double Reduced = 1, bool KeepsPlaces = true);

/// <summary>How a page is looked at: as it is, and in as many other ways as it gives cause for. One of several codes may be seen in one way alone.</summary>
internal static class BarCodeLooks
{
    private const int FaintContrast = 70;   // as of print, see PagePreparation
    private const double FewDpi = 190;
    private const int Enlarged = 3;
    private const double TolerableSkewDegrees = 3;

    /// <summary>The looks at a page, in order.</summary>
    public static IEnumerable<BarCodeLook> For(PageAnalysis analysis, double resolutionDpi)
    {
        if (analysis.IsNegative)
        {
            yield return new BarCodeLook(static image => image.Negate());
        }
        else
        {
            yield return new BarCodeLook(static _ => { });
        }

        if (analysis.Contrast < FaintContrast)
        {
            yield return new BarCodeLook(PagePreparation.Strengthen);
        }

        if (resolutionDpi < FewDpi)
        {
            yield return new BarCodeLook(
                static image =>
                {
                    image.FilterType = FilterType.Lanczos;
                    image.Resize(new Percentage(100 * Enlarged));
                },
                Reduced: 1.0 / Enlarged);
        }

        double skew = analysis.FindSkew();
        if (Math.Abs(skew) >= TolerableSkewDegrees)
        {
            yield return new BarCodeLook(image =>
            {
                image.BackgroundColor = MagickColors.White;
                image.Rotate(-skew);
                image.ResetPage();
            }, KeepsPlaces: false);
        }
    }
}
