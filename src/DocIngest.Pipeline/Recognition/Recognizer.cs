using System.Buffers.Binary;
using DocIngest.Pipeline.Formats;

namespace DocIngest.Pipeline.Recognition;

/// <summary>Tells a document's format by its first bytes, never by its name.</summary>
public static class Recognizer
{
    // Readers accept a PDF header that begins anywhere in the first 1,024 bytes (ISO 32000-1, annex H, note 13).
    private const int PdfHeaderSearchBytes = 1024;

    /// <summary>How much of the beginning is looked at.</summary>
    public const int HeadBytes = PdfHeaderSearchBytes + 4;

    // A container may hold a PDF stored without compression inside those 1,024 bytes; that does not make it a PDF.
    private static readonly byte[][] OtherContainers =
    [
        [.. "PK\x03\x04"u8], [.. "PK\x05\x06"u8], [.. "MZ"u8], [.. "\x7F"u8, .. "ELF"u8], [.. "Rar!"u8], [.. "7z"u8, 0xBC, 0xAF],
        [0x1F, 0x8B], [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], [.. "{\\rtf"u8], [.. "ID3"u8], [.. "<?xml"u8],
    ];

    private static readonly string[] HeicBrands =
        ["heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "msf1"];

    /// <summary>Looks at a stream from where it stands.</summary>
    /// <returns>The format, or null: nothing that is archived.</returns>
    /// <exception cref="IOException">The stream could not be read.</exception>
    /// <remarks>Reads at most <see cref="HeadBytes"/>; the stream is left behind what was read.</remarks>
    public static FileFormat? Recognize(Stream stream)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        int read = stream.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false);
        return Recognize(head[..read]);
    }

    /// <summary>Looks at the beginning of a file, <see cref="HeadBytes"/> of it or all there is.</summary>
    public static FileFormat? Recognize(ReadOnlySpan<byte> head) => head switch
    {
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, ..] => FileFormat.Png,
        [0xFF, 0xD8, 0xFF, >= 0xC0, ..] => FileFormat.Jpeg,
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'7' or (byte)'9', (byte)'a', ..] => FileFormat.Gif,
        [(byte)'I', (byte)'I', 42, 0, ..] or [(byte)'M', (byte)'M', 0, 42, ..] => FileFormat.Tiff,
        [(byte)'I', (byte)'I', 43, 0, 8, 0, 0, 0, ..] or [(byte)'M', (byte)'M', 0, 43, 0, 8, 0, 0, ..] => FileFormat.Tiff,
        [0, 0, 0, 12, (byte)'j', (byte)'P', (byte)' ', (byte)' ', 0x0D, 0x0A, 0x87, 0x0A, ..] => FileFormat.Jpeg2000,
        [0xFF, 0x4F, 0xFF, 0x51, ..] => FileFormat.Jpeg2000,
        _ when IsWebP(head) => FileFormat.WebP,
        _ when IsHeic(head) => FileFormat.Heic,
        _ when IsBitmap(head) => FileFormat.Bmp,
        _ when IsPdf(head) => FileFormat.Pdf,
        _ => null,
    };

    private static bool IsWebP(ReadOnlySpan<byte> head) =>
        head.Length >= 16 && head.StartsWith("RIFF"u8) && head[8..].StartsWith("WEBPVP8"u8);

    /// <summary>ISO/IEC 23008-12: a brand of HEVC images, and none of AV1 (which shares the structural brand mif1).</summary>
    private static bool IsHeic(ReadOnlySpan<byte> head)
    {
        if (head.Length < 16 || !head[4..].StartsWith("ftyp"u8))
        {
            return false;
        }

        uint length = BinaryPrimitives.ReadUInt32BigEndian(head);
        if (length < 16 || length % 4 != 0)
        {
            return false;
        }

        bool known = false;
        int end = (int)Math.Min(length, head.Length);
        for (int at = 8; at + 4 <= end; at += at == 8 ? 8 : 4)   // the major brand, then (behind its version) the compatible ones
        {
            var brand = head.Slice(at, 4);
            if (brand.SequenceEqual("avif"u8) || brand.SequenceEqual("avis"u8))
            {
                return false;
            }

            known |= IsHeicBrand(brand);
        }

        return known;
    }

    private static bool IsHeicBrand(ReadOnlySpan<byte> brand)
    {
        foreach (string candidate in HeicBrands)
        {
            if (System.Text.Ascii.Equals(brand, candidate))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>"BM" begins many a text; the header must make sense as well.</summary>
    private static bool IsBitmap(ReadOnlySpan<byte> head)
    {
        if (head.Length < 26 || !head.StartsWith("BM"u8))
        {
            return false;
        }

        uint pixels = BinaryPrimitives.ReadUInt32LittleEndian(head[10..]);
        uint header = BinaryPrimitives.ReadUInt32LittleEndian(head[14..]);
        bool core = header == 12;
        if (!core && (header is not (16 or 40 or 52 or 56 or 64 or 108 or 124) || head.Length < 30))
        {
            return false;
        }

        int planes = BinaryPrimitives.ReadUInt16LittleEndian(head[(core ? 22 : 26)..]);
        int depth = BinaryPrimitives.ReadUInt16LittleEndian(head[(core ? 24 : 28)..]);
        return planes == 1 && depth is 0 or 1 or 2 or 4 or 8 or 16 or 24 or 32 && (pixels == 0 || pixels >= 14 + header);
    }

    private static bool IsPdf(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("%PDF-"u8))
        {
            return true;
        }

        foreach (byte[] signature in OtherContainers)
        {
            if (head.StartsWith(signature))
            {
                return false;
            }
        }

        return head[..Math.Min(head.Length, HeadBytes)].IndexOf("%PDF-"u8) >= 0;
    }
}
