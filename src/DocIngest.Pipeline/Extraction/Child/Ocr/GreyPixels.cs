using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
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

    /// <summary>How light and how noisy a page is.</summary>
    public static GreyStatistics Statistics(byte[] pixels)
    {
        const int Apart = 4;   // what blurs an image makes neighbours alike
        int[] histogram = new int[256];
        int[] steps = new int[256];
        for (int at = 0; at < pixels.Length; at++)
        {
            histogram[pixels[at]]++;
            steps[Math.Abs(pixels[at] - pixels[Math.Max(0, at - Apart)])]++;
        }

        return new GreyStatistics(histogram, steps);
    }

    /// <summary>Makes a page smaller: each new pixel is the mean of the area it stands for.</summary>
    public static byte[] Shrink(byte[] pixels, int width, int height, int newWidth, int newHeight)
    {
        byte[] small = new byte[newWidth * newHeight];
        var columns = Stretches(width, newWidth);
        var rows = Stretches(height, newHeight);
        uint[] sums = new uint[width];   // of the old rows that make a new one, column by column
        for (int row = 0; row < newHeight; row++)
        {
            Array.Clear(sums);
            int weights = 0;
            for (int y = rows[row].First; y <= rows[row].Last; y++)
            {
                ushort weight = (ushort)Math.Round(rows[row].ShareOf(y) * (1 << Fraction));
                Add(sums, pixels.AsSpan(y * width, width), weight);
                weights += weight;
            }

            Put(sums, columns, 1 / ((float)width / newWidth * weights), small.AsSpan(row * newWidth, newWidth));
        }

        return small;
    }

    private static Stretch[] Stretches(int length, int newLength)
    {
        double each = (double)length / newLength;
        return [.. Enumerable.Range(0, newLength).Select(at =>
        {
            int first = (int)(at * each);
            int last = Math.Clamp((int)Math.Ceiling((at + 1) * each) - 1, first, length - 1);
            return new Stretch(first, last, (float)(Math.Min(first + 1, (at + 1) * each) - (at * each)), (float)(((at + 1) * each) - last));
        })];
    }

    // Most of the time that a page takes before tesseract gets it would go here, pixel by pixel.
    private static void Add(uint[] sums, ReadOnlySpan<byte> row, ushort weight)
    {
        int x = 0;
        for (; x <= row.Length - Vector128<byte>.Count; x += Vector128<byte>.Count)
        {
            var (left, right) = Vector128.Widen(Vector128.Create(row.Slice(x, Vector128<byte>.Count)));
            Add(sums.AsSpan(x), left * weight);   // at most 255 * 256: it fits
            Add(sums.AsSpan(x + Vector128<ushort>.Count), right * weight);
        }

        for (; x < row.Length; x++)
        {
            sums[x] += (uint)(row[x] * weight);
        }
    }

    private static void Add(Span<uint> sums, Vector128<ushort> values)
    {
        var (left, right) = Vector128.Widen(values);
        (Vector128.Create<uint>(sums) + left).CopyTo(sums);
        sums = sums[Vector128<uint>.Count..];
        (Vector128.Create<uint>(sums) + right).CopyTo(sums);
    }

    private static void Put(uint[] sums, Stretch[] columns, float scale, Span<byte> small)
    {
        for (int x = 0; x < small.Length; x++)
        {
            var (first, last, shareOfFirst, shareOfLast) = columns[x];
            float sum = sums[first] * shareOfFirst;
            for (int between = first + 1; between < last; between++)
            {
                sum += sums[between];
            }

            sum += last > first ? sums[last] * shareOfLast : 0;
            small[x] = (byte)Math.Clamp((sum * scale) + 0.5f, 0, 255);
        }
    }

    /// <summary>The old pixels, along one side, of which a new one is made: the first and the last of them in part.</summary>
    private readonly record struct Stretch(int First, int Last, float ShareOfFirst, float ShareOfLast)
    {
        public float ShareOf(int pixel) => pixel == First ? ShareOfFirst : pixel == Last ? ShareOfLast : 1;
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
