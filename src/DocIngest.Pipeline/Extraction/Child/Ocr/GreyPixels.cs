using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ImageMagick;

namespace DocIngest.Pipeline.Extraction.Child.Ocr;

/// <summary>
/// A grey page as bytes, made smaller, turned and written by ourselves: the image library takes over a second to turn a page of 300 DPI by a degree, as
/// long as tesseract takes to read it, and a tenth of that for each of the others.
/// </summary>
internal static class GreyPixels
{
    private const byte White = 255;
    private const int Fraction = 8;   // bits of a pixel's place

    /// <summary>Whether an image has one grey byte to a pixel worth keeping; two levels take less as they are.</summary>
    public static bool Fits(MagickImage image) => image is { ColorSpace: ColorSpace.Gray, Depth: > 1 and <= 8 };

    /// <summary>A byte for each pixel, line by line.</summary>
    public static byte[] Of(MagickImage image)
    {
        using var source = image.GetPixelsUnsafe();
        int count = checked((int)(image.Width * image.Height));
        int channels = (int)source.Channels;
        if (image.ColorSpace != ColorSpace.Gray || source.GetAreaPointer(0, 0, image.Width, image.Height) is var area && area == IntPtr.Zero)
        {
            return source.ToByteArray(0, 0, image.Width, image.Height, "I") ?? throw new InvalidOperationException("An image without pixels.");
        }

        byte[] pixels = new byte[count];
        if (channels == 1)
        {
            Marshal.Copy(area, pixels, 0, count);
            return pixels;
        }

        byte[] line = new byte[image.Width * channels];
        for (int y = 0, at = 0; y < image.Height; y++)
        {
            Marshal.Copy(area + (nint)((long)y * line.Length), line, 0, line.Length);
            for (int x = 0; x < line.Length; x += channels)
            {
                pixels[at++] = line[x];
            }
        }

        return pixels;
    }

    /// <summary>Makes a page smaller: each new pixel is the mean of the area it stands for.</summary>
    public static byte[] Shrink(byte[] pixels, int width, int height, int newWidth, int newHeight)
    {
        float[] sums = new float[newWidth];
        byte[] small = new byte[newWidth * newHeight];
        double perRow = (double)height / newHeight;
        float perPixel = (float)(1 / ((double)width / newWidth * perRow));
        var columns = Columns(width, newWidth);
        float[] row = new float[newWidth];
        double taken = 0;   // of the new row that is being filled, in old rows
        int filled = 0;
        for (int y = 0; y < height; y++)
        {
            Sum(pixels.AsSpan(y * width, width), columns, row);
            double left = 1;
            while (left > 1e-9 && filled < newHeight)
            {
                double part = Math.Min(left, perRow - taken);
                Add(sums, row, (float)part);
                (taken, left) = (taken + part, left - part);
                if (taken >= perRow - 1e-6 || (y == height - 1 && filled == newHeight - 1))
                {
                    Put(sums, perPixel, small.AsSpan(filled++ * newWidth, newWidth));
                    taken = 0;
                }
            }
        }

        return small;
    }

    // For each old column the new one that it begins in, and the share of it that lies there; the rest is the next one's.
    private static (int New, float Share)[] Columns(int width, int newWidth)
    {
        double scale = (double)newWidth / width;
        return [.. Enumerable.Range(0, width).Select(x =>
        {
            int first = Math.Min(newWidth - 1, (int)(x * scale));
            double share = Math.Min(1, (first + 1 - (x * scale)) / scale);
            return (first, first == newWidth - 1 ? 1f : (float)share);
        })];
    }

    private static void Sum(ReadOnlySpan<byte> pixels, (int New, float Share)[] columns, float[] row)
    {
        Array.Clear(row);
        for (int x = 0; x < pixels.Length; x++)
        {
            var (at, share) = columns[x];
            float here = pixels[x] * share;
            row[at] += here;
            if (share < 1)
            {
                row[at + 1] += pixels[x] - here;
            }
        }
    }

    private static void Add(float[] sums, float[] row, float part)
    {
        for (int x = 0; x < sums.Length; x++)
        {
            sums[x] += row[x] * part;
        }
    }

    private static void Put(float[] sums, float perPixel, Span<byte> small)
    {
        for (int x = 0; x < sums.Length; x++)
        {
            small[x] = (byte)Math.Clamp((sums[x] * perPixel) + 0.5f, 0, 255);
        }

        Array.Clear(sums);
    }

    /// <summary>Writes an image as it is, as an uncompressed TIFF.</summary>
    /// <exception cref="IOException">The disk.</exception>
    public static void Write(MagickImage image, double dotsPerInch, string file) => WriteTiff(Of(image), (int)image.Width, (int)image.Height, dotsPerInch, file);

    /// <summary>Writes an image, turned anticlockwise about its middle, as an uncompressed TIFF just large enough for all of it; what comes in at the corners is white.</summary>
    /// <returns>Its size.</returns>
    /// <exception cref="IOException">The disk.</exception>
    public static (int Width, int Height) WriteTurned(MagickImage image, double degrees, double dotsPerInch, string file)
    {
        int width = (int)image.Width;
        int height = (int)image.Height;
        byte[] pixels = Of(image);
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
