using DocIngest.TestKit.Documents;

namespace DocIngest.TestKit;

/// <summary>Builders of small documents, byte for byte the same on every run: <c>A.Pdf().WithTextLayer("…").Pages(3)</c>.</summary>
public static class A
{
    public static PdfBuilder Pdf() => new();

    public static TiffBuilder Tiff() => new();

    public static PngBuilder Png() => new();

    public static JpegBuilder Jpeg() => new();

    public static GifBuilder Gif() => new();

    public static BitmapBuilder Bmp() => new();

    public static WebPBuilder WebP() => new();

    public static HeicBuilder Heic() => new();

    public static Jpeg2000Builder Jpeg2000() => new();
}
