using System.Buffers.Binary;
using ImageMagick;

namespace DocIngest.Pipeline.Extraction.Child.Ocr;

/// <summary>
/// A grey page as bytes, turned and written by ourselves: the image library takes over a second to turn a page of 300 DPI by a degree, as long as
/// tesseract takes to read it.
/// </summary>
internal static class GreyPixels
{
    private const byte White = 255;
    private const int Fraction = 8;   // bits of a pixel's place

    /// <summary>Writes an image, turned anticlockwise about its middle, as an uncompressed TIFF just large enough for all of it; what comes in at the corners is white.</summary>
    /// <returns>Its size.</returns>
    /// <exception cref="IOException">The disk.</exception>
    public static (int Width, int Height) WriteTurned(MagickImage image, double degrees, double dotsPerInch, string file)
    {
        int width = (int)image.Width;
        int height = (int)image.Height;
        using var source = image.GetPixelsUnsafe();
        byte[] pixels = source.ToByteArray(0, 0, image.Width, image.Height, "I") ?? throw new InvalidOperationException("An image without pixels.");
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        int wide = (int)Math.Ceiling((width * Math.Abs(cos)) + (height * Math.Abs(sin)));
        int high = (int)Math.Ceiling((width * Math.Abs(sin)) + (height * Math.Abs(cos)));
        byte[] turned = new byte[wide * high];
        for (int y = 0; y < high; y++)
        {
            TurnRow(pixels, width, height, turned.AsSpan(y * wide, wide), y - ((high - 1) / 2.0), sin, cos);
        }

        WriteTiff(turned, wide, high, dotsPerInch, file);
        return (wide, high);
    }

    // Each pixel is the mean of the four it comes from, weighted by nearness.
    private static void TurnRow(byte[] pixels, int width, int height, Span<byte> row, double down, double sin, double cos)
    {
        const int One = 1 << Fraction;
        double left = -(row.Length - 1) / 2.0;
        int fromX = (int)((((left * cos) - (down * sin)) + ((width - 1) / 2.0)) * 65536);
        int fromY = (int)((((left * sin) + (down * cos)) + ((height - 1) / 2.0)) * 65536);
        int stepX = (int)(cos * 65536);
        int stepY = (int)(sin * 65536);
        for (int x = 0; x < row.Length; x++, fromX += stepX, fromY += stepY)
        {
            int atX = fromX >> 16;
            int atY = fromY >> 16;
            if ((uint)atX >= (uint)(width - 1) || (uint)atY >= (uint)(height - 1))
            {
                row[x] = White;
                continue;
            }

            int at = (atY * width) + atX;
            int shareX = (fromX >> (16 - Fraction)) & (One - 1);
            int shareY = (fromY >> (16 - Fraction)) & (One - 1);
            int upper = (pixels[at] * (One - shareX)) + (pixels[at + 1] * shareX);
            int lower = (pixels[at + width] * (One - shareX)) + (pixels[at + width + 1] * shareX);
            row[x] = (byte)(((upper * (One - shareY)) + (lower * shareY)) >> (2 * Fraction));
        }
    }

    // TIFF 6.0, section 4: one strip of bytes, 0 is black.
    private static void WriteTiff(byte[] pixels, int width, int height, double dotsPerInch, string file)
    {
        const ushort Short = 3;
        const ushort Long = 4;
        const ushort Rational = 5;
        const int Entries = 12;
        const int Resolution = 8 + 2 + (Entries * 12) + 4;
        const int Header = Resolution + 8;
        uint strip = (uint)pixels.Length;
        (ushort Tag, ushort Type, uint Value)[] entries =
        [
            (256, Long, (uint)width), (257, Long, (uint)height), (258, Short, 8), (259, Short, 1), (262, Short, 1), (273, Long, Header), (277, Short, 1),
            (278, Long, (uint)height), (279, Long, strip), (282, Rational, Resolution), (283, Rational, Resolution), (296, Short, 2),
        ];
        byte[] header = new byte[Header];
        "II"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(2), 42);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), 8);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), Entries);
        var at = header.AsSpan(10);
        foreach (var (tag, type, value) in entries)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(at, tag);
            BinaryPrimitives.WriteUInt16LittleEndian(at[2..], type);
            BinaryPrimitives.WriteUInt32LittleEndian(at[4..], 1);
            BinaryPrimitives.WriteUInt32LittleEndian(at[8..], value);
            at = at[12..];
        }

        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(Resolution), (uint)Math.Round(dotsPerInch * 100));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(Resolution + 4), 100);
        using var output = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        output.Write(header);
        output.Write(pixels);
    }
}
