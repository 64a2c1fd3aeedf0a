using DocIngest.TestKit;
using ImageMagick;
using ImageMagick.Drawing;

namespace DocIngest.Worker.Tests;

/// <summary>A page as a scanner sends it: an A5 PNG at 150 DPI without a text layer.</summary>
internal static class ScannedPage
{
    private const string Font = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";
    private const int FirstLine = 150;
    private const int LineHeight = 70;

    public static byte[] Of(params string[] lines)
    {
        if (!File.Exists(Font))
        {
            Needs.Lacks("fonts", "fonts-dejavu-core is not installed.");
        }

        using var image = new MagickImage(MagickColors.White, 1240, 1754) { Density = new Density(150, DensityUnit.PixelsPerInch) };
        var drawing = new Drawables().Font(Font).FontPointSize(36).FillColor(MagickColors.Black);
        for (int line = 0; line < lines.Length; line++)
        {
            drawing.Text(100, FirstLine + (line * LineHeight), lines[line]);
        }

        drawing.Draw(image);
        return image.ToByteArray(MagickFormat.Png);
    }
}
