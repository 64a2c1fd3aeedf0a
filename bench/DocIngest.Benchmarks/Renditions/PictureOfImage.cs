using System.Globalization;
using ImageMagick;

namespace DocIngest.Benchmarks.Renditions;

/// <summary>Compares a page of an image file, decoded by Magick, with what poppler renders of its rendition at the same size.</summary>
internal static class PictureOfImage
{
    // Both are reduced to this before they are compared: a renderer enlarges an image by a part of a pixel, so that it fills the last one of its page.
    private const uint ComparedSide = 300;

    // A small image is rendered larger than it is, for the same reason: of 64 pixels half a one is seen.
    private const uint RenderedSide = 3000;

    // Of 255: what an eye would call another shade.
    private const int AnotherShade = 24;

    /// <summary>Share of the values, three a pixel, that are another shade.</summary>
    /// <param name="original">The file.</param>
    /// <param name="page">From 1.</param>
    /// <param name="render">Renders the rendition's page at a size, as PPM.</param>
    public static async Task<double> DifferingAsync(string original, int page, Func<(string Width, string Height), Task<byte[]>> render)
    {
        using var frames = new MagickImageCollection(original);
        if (original.EndsWith(".gif", StringComparison.Ordinal))
        {
            frames.Coalesce();
        }

        var image = frames[page - 1];
        image.AutoOrient();
        image.BackgroundColor = MagickColors.White;
        image.Alpha(AlphaAction.Remove);
        image.ResetPage();
        uint longer = Math.Max(image.Width, image.Height);
        uint times = Math.Max(1, (RenderedSide + longer - 1) / longer);
        using var rendered = new MagickImage(await render((Text(image.Width * times), Text(image.Height * times))));
        var size = new MagickGeometry(Math.Max(1, image.Width * ComparedSide / longer), Math.Max(1, image.Height * ComparedSide / longer)) { IgnoreAspectRatio = true };
        byte[] before = Values(image, size);
        byte[] after = Values(rendered, size);
        return before.Length != after.Length ? 1 : (double)before.Zip(after).Count(pair => Math.Abs(pair.First - pair.Second) > AnotherShade) / before.Length;
    }

    private static byte[] Values(IMagickImage<byte> image, MagickGeometry size)
    {
        image.ColorSpace = ColorSpace.sRGB;
        image.Scale(size);
        using var pixels = image.GetPixelsUnsafe();
        return pixels.ToByteArray(0, 0, image.Width, image.Height, "RGB") ?? [];
    }

    private static string Text(uint pixels) => pixels.ToString(CultureInfo.InvariantCulture);
}
