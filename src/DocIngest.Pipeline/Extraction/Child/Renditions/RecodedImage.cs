using DocIngest.Pipeline.Formats;
using ImageMagick;

namespace DocIngest.Pipeline.Extraction.Child.Renditions;

/// <summary>Writes a decoded image as PDF takes it: fax data of group 4 where it is black and white, else the lines of a PNG, or a JPEG.</summary>
internal static class RecodedImage
{
    private const int ReadBudget = 1024;

    /// <summary>Encodes an image, which may be changed by it.</summary>
    /// <param name="image">Upright.</param>
    /// <param name="quality">Of JPEG; null: without loss. What is black and white loses nothing either way.</param>
    public static PageImageData Encode(MagickImage image, int? quality)
    {
        image.Strip();
        if (image.DetermineColorType() == ColorType.Bilevel)
        {
            return AsFax(image);
        }

        return quality is { } jpeg ? AsJpeg(image, jpeg) : AsPng(image);
    }

    private static PageImageData AsFax(MagickImage image)
    {
        image.ColorType = ColorType.Bilevel;
        image.Depth = 1;
        image.Settings.Compression = CompressionMethod.Group4;
        image.Settings.SetDefine(MagickFormat.Tiff, "rows-per-strip", $"{image.Height}");
        var tiff = new MemoryStream(image.ToByteArray(MagickFormat.Tiff));
        return TiffImage.Find(new BudgetedFile(tiff, ReadBudget), tiff, directory: 0) ?? throw new InvalidDataException("It was not written as one strip of fax data.");
    }

    private static PageImageData AsPng(MagickImage image)
    {
        image.Settings.Interlace = Interlace.NoInterlace;
        image.Settings.SetDefine(MagickFormat.Png, "exclude-chunk", "all");
        var png = new MemoryStream(image.ToByteArray(MagickFormat.Png));
        return PngImage.Find(png) ?? throw new InvalidDataException("It was written as a PNG with transparency.");
    }

    private static PageImageData AsJpeg(MagickImage image, int quality)
    {
        image.Quality = (uint)quality;
        image.Settings.Interlace = Interlace.NoInterlace;
        var jpeg = new MemoryStream(image.ToByteArray(MagickFormat.Jpeg));
        return JpegImage.Find(jpeg, 0, jpeg.Length) ?? throw new InvalidDataException("It was written as a JPEG of a kind that PDF does not know.");
    }
}
