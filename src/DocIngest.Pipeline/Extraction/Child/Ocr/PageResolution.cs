using ImageMagick;

namespace DocIngest.Pipeline.Extraction.Child.Ocr;

/// <summary>How many dots an inch of an image file stands for. Cameras, screens and converters write none, or one that is made up.</summary>
internal static class PageResolution
{
    // Below, an A4 page has no letters to read; above, no scanner of documents works. 72 and 96 are what programs write that know nothing.
    private const double Least = 100;
    private const double Most = 1_300;

    // Pages are taken to be as long as A4; scanners have a few steps.
    private const double PageInches = 11.69;
    private const double StepTolerance = 0.06;
    private static readonly double[] Steps = [100, 150, 200, 240, 300, 400, 600, 1200];

    // Letters and forms, up to a plan of A0 and down to a visiting card.
    private const double LongestInches = 50;
    private const double ShortestInches = 1.5;

    /// <summary>The resolution an image states where that makes a page of a sensible size, else one that does.</summary>
    public static double Of(IMagickImage<byte> image) => Of(Math.Max(image.Width, image.Height), image.Density);

    /// <summary>The same of an image that is only known by its header.</summary>
    public static double Of(double longer, Density density)
    {
        double stated = Stated(density);
        double inches = longer / stated;
        return stated is >= Least and <= Most && inches is >= ShortestInches and <= LongestInches ? stated : FromSize(longer);
    }

    private static double Stated(Density density) => density.Units switch
    {
        DensityUnit.PixelsPerInch => density.X,
        DensityUnit.PixelsPerCentimeter => density.X * 2.54,
        _ => 0,
    };

    private static double FromSize(double longerPixels)
    {
        double guessed = Math.Clamp(longerPixels / PageInches, 50, Most);
        return Steps.FirstOrDefault(step => Math.Abs(guessed - step) <= step * StepTolerance, guessed);
    }
}
