using System.Buffers.Binary;
using DocIngest.Pipeline.Extraction.Child.Renditions;
using DocIngest.Pipeline.Extraction.Images;
using ImageMagick;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Tokens;

namespace DocIngest.Pipeline.Extraction.Child.Ocr;

/// <summary>
/// The one image that a scanned page consists of: upright, as large as the page, and with nothing shown beside it. Decoding it
/// gives the scanner's own pixels, several times faster than rendering. What is in doubt is left to the renderer.
/// </summary>
internal sealed class SoleImage
{
    // Scanners round the page to whole points.
    private const double Tolerance = 3;
    private const double ToleranceShare = 0.01;

    // A white line takes a bit; specks too small to be seen a few bytes each.
    private const long WhiteBytes = 2_000;
    private const long WhitePixelsPerByte = 1_000;

    private readonly IPdfImage _image;

    private SoleImage(IPdfImage image) => _image = image;

    /// <summary>Finds it.</summary>
    /// <returns>Null where the page is anything else.</returns>
    public static SoleImage? Find(Page page)
    {
        if (page.NumberOfImages != 1 || page.Letters.Any(letter => letter.RenderingMode != TextRenderingMode.Neither)
            || page.Paths.Any(path => path.IsFilled || path.IsStroked) || page.GetAnnotations().Any())
        {
            return null;
        }

        var image = page.GetImages().First();
        return Covers(image.BoundingBox, page) && !image.IsImageMask && image.MaskImage is null && HasUsualValues(image) ? new SoleImage(image) : null;
    }

    /// <summary>Decodes it.</summary>
    /// <returns>Null for kinds that only a renderer knows, and for a damaged one: another decoder may see more of it.</returns>
    /// <param name="maxPixels">More are not decoded.</param>
    /// <param name="isDamaged">Whether its data made no sense somewhere: a renderer may pass over that without a word.</param>
    public MagickImage? TryDecode(long maxPixels, out bool isDamaged)
    {
        isDamaged = false;
        try
        {
            return Filter() switch
            {
                "DCTDecode" when ColorSpace() is "DeviceGray" or "DeviceRGB" or "ICCBased" or "CalRGB" or "CalGray" =>
                    Decode(_image.RawBytes.ToArray(), MagickFormat.Jpeg, maxPixels, out isDamaged),
                "JPXDecode" => Decode(_image.RawBytes.ToArray(), MagickFormat.Jp2, maxPixels, out isDamaged),
                "CCITTFaxDecode" when ColorSpace() is "DeviceGray" && AsTiff() is { } tiff => Decode(tiff, MagickFormat.Tiff, maxPixels, out isDamaged),
                _ => null,
            };
        }
        catch (TooManyPixelsException)
        {
            return null;   // the renderer shows it at a lower resolution
        }
        catch (MagickException)
        {
            isDamaged = true;
            return null;   // what one decoder refuses another may show in part
        }
    }

    private static MagickImage? Decode(byte[] content, MagickFormat coder, long maxPixels, out bool isDamaged)
    {
        var image = ImageDecoder.Decode(content, coder, maxPixels, out isDamaged);
        bool isCmyk = coder == MagickFormat.Jpeg && !IsGreyOrRgb(content);   // inverted or not: the renderer knows
        if (!isDamaged && !isCmyk)
        {
            return image;
        }

        image.Dispose();
        return null;
    }

    private static bool IsGreyOrRgb(byte[] jpeg)
    {
        using var content = new MemoryStream(jpeg, writable: false);
        return JpegImage.Find(content, 0, jpeg.Length) is { } found && !found.Entries.Contains("DeviceCMYK", StringComparison.Ordinal);
    }

    /// <summary>
    /// Whether an image of a page that seems blank has more data than a blank one needs: fax and JBIG2 take next to nothing for
    /// white, and renderers show white where that data makes no sense.
    /// </summary>
    public static bool HoldsMoreThanWhite(IPdfImage image) => Filter(image) is "CCITTFaxDecode" or "JBIG2Decode"
        && image.RawBytes.Length > WhiteBytes + ((long)image.WidthInSamples * image.HeightInSamples / WhitePixelsPerByte);

    private static bool Covers(PdfRectangle bounds, Page page)
    {
        double across = Math.Max(Tolerance, page.Width * ToleranceShare);
        double down = Math.Max(Tolerance, page.Height * ToleranceShare);
        return bounds.Rotation == 0
            && Math.Abs(bounds.BottomLeft.X) <= across && Math.Abs(bounds.TopRight.X - page.Width) <= across
            && Math.Abs(bounds.BottomLeft.Y) <= down && Math.Abs(bounds.TopRight.Y - page.Height) <= down;
    }

    private static bool HasUsualValues(IPdfImage image) =>
        !image.ImageDictionary.ContainsKey(NameToken.Decode) && !image.ImageDictionary.ContainsKey(NameToken.Smask)
        && !image.ImageDictionary.ContainsKey(NameToken.Mask);

    private string? Filter() => Filter(_image);

    private static string? Filter(IPdfImage image) => image.ImageDictionary.TryGet(NameToken.Filter, out var token)
        ? token switch
        {
            NameToken name => name.Data,
            ArrayToken { Length: 1 } array when array[0] is NameToken name => name.Data,
            _ => null,
        }
        : null;

    private string? ColorSpace() => _image.ImageDictionary.TryGet(NameToken.ColorSpace, out var token)
        ? token switch
        {
            NameToken name => name.Data,
            ArrayToken { Length: > 0 } array when array[0] is NameToken name => name.Data,
            _ => null,
        }
        : null;

    /// <summary>Fax data in a TIFF of one strip (TIFF 6.0, sections 10 and 11; ISO 32000-1, 7.4.6).</summary>
    private byte[]? AsTiff()
    {
        if (!_image.ImageDictionary.TryGet(NameToken.DecodeParms, out var token)
            || (token is ArrayToken { Length: 1 } array ? array[0] : token) is not DictionaryToken parameters
            || Flag(parameters, "EncodedByteAlign") || Number(parameters, "Columns", 1728) != _image.WidthInSamples)
        {
            return null;
        }

        int k = Number(parameters, "K", 0);
        uint blackIsZero = Flag(parameters, "BlackIs1") ? 1u : 0u;   // the fax's black is 1 then, and 1 is white in this colour space
        const ushort Short = 3;
        const ushort Long = 4;
        var data = _image.RawBytes;
        (ushort Tag, ushort Type, uint Value)[] entries =
        [
            (256, Long, (uint)_image.WidthInSamples), (257, Long, (uint)_image.HeightInSamples), (258, Short, 1),
            (259, Short, k < 0 ? 4u : 3u), (262, Short, blackIsZero), (273, Long, 0), (277, Short, 1), (278, Long, (uint)_image.HeightInSamples),
            (279, Long, (uint)data.Length), (292, Long, k > 0 ? 1u : 0u),
        ];
        int header = 8 + 2 + (entries.Length * 12) + 4;
        byte[] tiff = new byte[header + data.Length];
        "II"u8.CopyTo(tiff);
        BinaryPrimitives.WriteUInt16LittleEndian(tiff.AsSpan(2), 42);
        BinaryPrimitives.WriteUInt32LittleEndian(tiff.AsSpan(4), 8);
        BinaryPrimitives.WriteUInt16LittleEndian(tiff.AsSpan(8), (ushort)entries.Length);
        var at = tiff.AsSpan(10);
        foreach (var (tag, type, value) in entries)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(at, tag);
            BinaryPrimitives.WriteUInt16LittleEndian(at[2..], type);
            BinaryPrimitives.WriteUInt32LittleEndian(at[4..], 1);
            BinaryPrimitives.WriteUInt32LittleEndian(at[8..], tag == 273 ? (uint)header : value);
            at = at[12..];
        }

        data.CopyTo(tiff.AsSpan(header));
        return tiff;
    }

    private static bool Flag(DictionaryToken parameters, string name) =>
        parameters.TryGet(NameToken.Create(name), out var token) && token is not BooleanToken { Data: false };

    private static int Number(DictionaryToken parameters, string name, int otherwise) =>
        parameters.TryGet(NameToken.Create(name), out var token) && token is NumericToken number ? number.Int : otherwise;
}
