using System.Buffers.Binary;
using System.Globalization;

namespace DocIngest.Pipeline.Extraction.Child.Renditions;

/// <summary>The compressed lines of a PNG, which PDF reads as they are, where they are not interlaced and nothing of them is transparent.</summary>
/// <remarks>PNG specification, third edition, 5 (chunks), 11.2 (critical chunks); ISO 32000-1, 7.4.4.4 (predictor).</remarks>
internal static class PngImage
{
    private const int MaxChunks = 1_000_000;
    private const int SignatureBytes = 8;
    private const int AroundContent = 12;   // length, type, check sum
    private const int MaxPaletteBytes = 3 * 256;

    private const uint Header = 0x49484452;         // IHDR
    private const uint Palette = 0x504C5445;        // PLTE
    private const uint Data = 0x49444154;           // IDAT
    private const uint Transparency = 0x74524E53;   // tRNS
    private const uint End = 0x49454E44;            // IEND

    /// <summary>Looks through the chunks.</summary>
    /// <returns>Null for kinds PDF does not know.</returns>
    public static PageImageData? Find(Stream file)
    {
        byte[] header = new byte[13];
        byte[]? palette = null;
        var parts = new List<(long At, long Length)>();
        long at = SignatureBytes;
        Span<byte> start = stackalloc byte[8];
        for (int count = 0; count < MaxChunks && at + AroundContent <= file.Length; count++)
        {
            file.Position = at;
            file.ReadExactly(start);
            long length = BinaryPrimitives.ReadUInt32BigEndian(start);
            if (at + AroundContent + length > file.Length)
            {
                return null;
            }

            switch (BinaryPrimitives.ReadUInt32BigEndian(start[4..]))
            {
                case Header when length == header.Length:
                    file.ReadExactly(header);
                    break;
                case Palette when length is > 0 and <= MaxPaletteBytes && length % 3 == 0:
                    palette = new byte[length];
                    file.ReadExactly(palette);
                    break;
                case Transparency:
                    return null;
                case Data:
                    parts.Add((at + 8, length));
                    break;
                case End:
                    return Describe(file, header, palette, parts);
            }

            at += AroundContent + length;
        }

        return null;
    }

    private static PageImageData? Describe(Stream file, byte[] header, byte[]? palette, List<(long At, long Length)> parts)
    {
        uint width = BinaryPrimitives.ReadUInt32BigEndian(header);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4));
        int bits = header[8];
        int kind = header[9];
        bool isPlain = header[10] == 0 && header[11] == 0 && header[12] == 0;   // deflate, five filters, not interlaced
        string? colours = kind switch
        {
            0 => "/DeviceGray",
            2 => "/DeviceRGB",
            3 when palette is not null => $"[/Indexed/DeviceRGB {PdfFileWriter.Number((palette.Length / 3) - 1)}<{Convert.ToHexString(palette)}>]",
            _ => null,
        };
        if (!isPlain || colours is null || width == 0 || height == 0 || parts.Count == 0 || bits is not (1 or 2 or 4 or 8 or 16))
        {
            return null;
        }

        return new PageImageData
        {
            Width = width,
            Height = height,
            Entries = string.Create(
                CultureInfo.InvariantCulture,
                $"/Filter/FlateDecode/BitsPerComponent {bits}/ColorSpace{colours}"
                + $"/DecodeParms<</Predictor 15/Colors {(kind == 2 ? 3 : 1)}/BitsPerComponent {bits}/Columns {width}>>"),
            Length = parts.Sum(part => part.Length),
            Copy = target => parts.ForEach(part => PageImageData.CopyRange(file, part.At, part.Length, target)),
        };
    }
}
