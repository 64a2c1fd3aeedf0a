using DocIngest.TestKit;
using ImageMagick;
using ImageMagick.Drawing;

namespace DocIngest.Pipeline.Tests.Extraction.Ocr;

/// <summary>A4 pages of print at 300 DPI, as a scanner makes them.</summary>
internal static class PrintedPage
{
    private const string Font = "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf";
    private const int Dpi = 300;

    /// <summary>Draws lines of 11 point print.</summary>
    public static MagickImage Of(params string[] lines)
    {
        if (!File.Exists(Font))
        {
            Needs.Lacks("fonts", "The font of the test pages is missing: apt-get install fonts-dejavu-core");
        }

        var image = new MagickImage(MagickColors.White, 2480, 3508);
        var drawing = new Drawables().Font(Font).FontPointSize(11 * Dpi / 72.0).FillColor(MagickColors.Black);
        double y = 400;
        foreach (string line in lines)
        {
            if (line.Length > 0)
            {
                drawing.Text(300, y, line);
            }

            y += 70;
        }

        drawing.Draw(image);
        image.Alpha(AlphaAction.Off);
        image.Density = new Density(Dpi, DensityUnit.PixelsPerInch);
        image.ColorSpace = ColorSpace.Gray;
        return image;
    }

    /// <summary>Some twenty lines that belong to a number.</summary>
    public static MagickImage Letter(int number) => Of([.. Enumerable.Range(1, 20).Select(line => $"Page {Words[number % Words.Length]}: the patient was seen in line {line} of this letter")]);

    public static string[] Words { get; } = ["zero", "seven", "eight", "eleven", "twelve", "thirteen", "fourteen", "fifteen"];

    /// <summary>A black and white copy.</summary>
    public static MagickImage Bilevel(this MagickImage image)
    {
        image.Threshold(new Percentage(60));
        return image;
    }

    public static byte[] As(this MagickImage image, MagickFormat format, CompressionMethod compression = CompressionMethod.Undefined)
    {
        image.Settings.Compression = compression;
        return image.ToByteArray(format);
    }
}
