using ImageMagick;

namespace DocIngest.Pipeline.Extraction.Child.Ocr;

/// <summary>Makes a page image ready for tesseract.</summary>
internal static class PagePreparation
{
    /// <summary>Writes the image that tesseract gets.</summary>
    /// <returns>Null where the page shows nothing.</returns>
    public static PreparedPage? Prepare(PageImage page, string file)
    {
        var image = page.Image;
        image.Density = new Density(page.ResolutionDpi, DensityUnit.PixelsPerInch);
        image.Settings.Compression = CompressionMethod.NoCompression;
        image.Write(file, MagickFormat.Tiff);
        return new PreparedPage
        {
            File = file,
            Pixels = (image.Width, image.Height),
            Points = (page.WidthPoints, page.HeightPoints),
            PixelsPerPoint = image.Width / page.WidthPoints,
        };
    }
}
