using ImageMagick;

namespace DocIngest.Pipeline.Extraction.Child.Ocr;

/// <summary>
/// Makes a page image ready for tesseract. Most are given to it as they are: it thresholds and straightens small angles itself.
/// Only what it is known to fail on is changed (docs/adr/0011 has the figures).
/// </summary>
internal static class PagePreparation
{
    // Tesseract reads pages up to two degrees as well as level ones.
    private const double TolerableSkewDegrees = 0.8;

    // Words of 10 point print are so high at 300 DPI, which tesseract reads best.
    private const double GoodWordPixels = 36;
    private const double MostEnlarged = 4;

    // Below this, print and paper are so near that noise crosses the threshold between them.
    private const int FaintContrast = 70;

    // Of the longer side: wider than letters, narrower than shadows.
    private const double ShadowShare = 0.02;

    // Pixels of print on a page that has some: the darkest become black. A page of three words has a tenth of that, and the rest would be noise.
    private const double PrintShare = 0.003;

    // Paper stays within the first, whatever its grain; print that can be read goes beyond the second.
    private const double WhiteDeviations = 3;
    private const double BlackDeviations = 8;

    /// <summary>Writes the image that tesseract gets first.</summary>
    /// <returns>Null where the page shows nothing.</returns>
    public static PreparedPage? Prepare(PageImage page, string file)
    {
        var analysis = PageAnalysis.Of(page.Image);
        if (analysis.IsBlank)
        {
            return null;
        }

        if (analysis.IsNegative)
        {
            page.Image.Negate();
            analysis = PageAnalysis.Of(page.Image);
        }

        if (analysis.Contrast < FaintContrast)
        {
            Strengthen(page.Image);
        }

        double skew = analysis.FindSkew();
        return Write(page, file, Math.Abs(skew) >= TolerableSkewDegrees ? skew : 0);
    }

    /// <summary>Writes a page turned upright by quarters.</summary>
    /// <param name="page">As loaded.</param>
    /// <param name="file">To be written.</param>
    /// <param name="turn">How far it has to be turned clockwise: 90, 180, 270.</param>
    public static PreparedPage PrepareTurned(PageImage page, string file, int turn)
    {
        page.Image.Rotate(turn);
        var upright = turn == 180 ? page : page with { WidthPoints = page.HeightPoints, HeightPoints = page.WidthPoints };
        double skew = PageAnalysis.Of(page.Image).FindSkew();
        double level = Math.Abs(skew) >= TolerableSkewDegrees ? skew : 0;
        return Write(upright, file, level) with
        {
            Points = (page.WidthPoints, page.HeightPoints),
            AngleDegrees = Normal(level - turn),
        };
    }

    /// <summary>Writes a page with its background made even, whatever its contrast.</summary>
    public static PreparedPage PrepareStrengthened(PageImage page, string file)
    {
        Strengthen(page.Image);
        return Write(page, file, PageAnalysis.Of(page.Image).FindSkew());
    }

    /// <summary>Writes a page enlarged until its words are as high as tesseract likes them.</summary>
    /// <param name="page">As loaded.</param>
    /// <param name="file">To be written.</param>
    /// <param name="wordPixels">How high words are now.</param>
    public static PreparedPage PrepareEnlarged(PageImage page, string file, double wordPixels)
    {
        var analysis = PageAnalysis.Of(page.Image);
        if (analysis.Contrast < FaintContrast)
        {
            Strengthen(page.Image);
        }

        double skew = analysis.FindSkew();
        return Write(page, file, Math.Abs(skew) >= TolerableSkewDegrees ? skew : 0, Math.Clamp(GoodWordPixels / wordPixels, 1, MostEnlarged));
    }

    private static PreparedPage Write(PageImage page, string file, double skew, double enlarged = 1)
    {
        var image = page.Image;
        double pixelsPerPoint = image.Width / page.WidthPoints;
        if (enlarged > 1.01)
        {
            image.FilterType = FilterType.Lanczos;
            image.Resize(new Percentage(100 * enlarged));
            pixelsPerPoint *= enlarged;
        }

        double width = image.Width;
        double height = image.Height;
        try
        {
            if (skew != 0)
            {
                (width, height) = GreyPixels.WriteTurned(image, skew, pixelsPerPoint * 72, file);
            }
            else if (GreyPixels.Fits(image))
            {
                GreyPixels.Write(image, pixelsPerPoint * 72, file);
            }
            else
            {
                image.Density = new Density(pixelsPerPoint * 72, DensityUnit.PixelsPerInch);
                image.Settings.Compression = CompressionMethod.NoCompression;
                image.Depth = image.Depth == 1 ? 1u : 8u;   // tesseract's library reads no other
                image.Write(file, MagickFormat.Tiff);
            }
        }
        catch (Exception error) when (error is MagickBlobErrorException or IOException)
        {
            throw new PageNotShownException();   // the disk
        }

        return new PreparedPage
        {
            File = file,
            Pixels = (width, height),
            Points = (page.WidthPoints, page.HeightPoints),
            PixelsPerPoint = pixelsPerPoint,
            AngleDegrees = skew,
        };
    }

    /// <summary>
    /// Divides the page by its own background, so that shadows and stains go, and stretches what is left over the whole range, but for the grain of the paper:
    /// stretched too, it is letters to tesseract, for a minute and more on a page that shows hardly anything else.
    /// </summary>
    public static void Strengthen(MagickImage image)
    {
        image.ColorSpace = ColorSpace.Gray;
        using var background = (MagickImage)image.Clone();
        double radius = Math.Max(image.Width, image.Height) * ShadowShare;
        const double Reduced = 8;   // shadows are wide: an eighth shows them as well
        background.Scale(new Percentage(100 / Reduced));
        background.Morphology(new MorphologySettings { Method = MorphologyMethod.Close, Kernel = Kernel.Square, KernelArguments = "2" });
        background.Blur(0, radius / Reduced);
        background.Resize(new MagickGeometry(image.Width, image.Height) { IgnoreAspectRatio = true });
        image.Composite(background, CompositeOperator.DivideSrc);
        image.GaussianBlur(0, 0.7);
        var (black, white) = Range(GreyPixels.Of(image));
        image.Level(new Percentage(100 * black / 255), new Percentage(100 * white / 255));
    }

    private static (double Black, double White) Range(byte[] pixels)
    {
        var grey = GreyPixels.Statistics(pixels);
        double noise = Math.Max(1, grey.Noise);   // lossy compression leaves none on paper, and some around letters
        double paper = grey.Percentile(0.5);
        double black = Math.Min(grey.Percentile(PrintShare), paper - (BlackDeviations * noise));
        return (Math.Max(0, black), Math.Max(1, paper - (WhiteDeviations * noise)));
    }

    private static double Normal(double degrees) => degrees <= -180 ? degrees + 360 : degrees > 180 ? degrees - 360 : degrees;
}
