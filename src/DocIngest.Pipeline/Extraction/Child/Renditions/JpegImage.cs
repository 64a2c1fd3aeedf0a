using System.Buffers.Binary;

namespace DocIngest.Pipeline.Extraction.Child.Renditions;

/// <summary>A JPEG as it is, where PDF has a filter for its kind: baseline, extended or progressive, of 8 bits.</summary>
/// <remarks>ITU-T T.81, annex B; ISO 32000-1, 7.4.8; Adobe TN 5116 for the marker APP14.</remarks>
internal static class JpegImage
{
    private const int MaxSegments = 4096;
    private const byte StartOfScan = 0xDA;
    private const byte Adobe = 0xEE;

    /// <summary>Looks at the headers.</summary>
    /// <param name="file">The image.</param>
    /// <param name="from">Where it begins.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="isPlainRgb">Where it is known from elsewhere that its colours are RGB as they are.</param>
    /// <returns>Null for kinds PDF does not know.</returns>
    public static PageImageData? Find(Stream file, long from, long length, bool isPlainRgb = false)
    {
        var header = new Header();
        if (!header.TryRead(file, from, length) || header.Width == 0 || header.Height == 0)
        {
            return null;
        }

        string? colours = header.Components switch
        {
            1 => "/DeviceGray",
            3 => "/DeviceRGB",
            4 => "/DeviceCMYK",
            _ => null,
        };
        if (colours is null)
        {
            return null;
        }

        // Without Adobe's marker decoders take three components for YCbCr, and so does PDF.
        string transform = header is { HasAdobe: false, Components: 3 } && (isPlainRgb || header.IsNamedRgb) ? "/DecodeParms<</ColorTransform 0>>" : "";
        string inverted = header is { HasAdobe: true, Components: 4 } ? "/Decode[1 0 1 0 1 0 1 0]" : "";   // Adobe stores ink as its absence
        return new PageImageData
        {
            Width = header.Width,
            Height = header.Height,
            Entries = $"/Filter/DCTDecode/BitsPerComponent 8/ColorSpace{colours}{transform}{inverted}",
            Length = length,
            Copy = target => PageImageData.CopyRange(file, from, length, target),
        };
    }

    private sealed class Header
    {
        public int Width { get; private set; }

        public int Height { get; private set; }

        public int Components { get; private set; }

        public bool HasAdobe { get; private set; }

        public bool IsNamedRgb { get; private set; }

        public bool TryRead(Stream file, long from, long length)
        {
            long end = from + length;
            Span<byte> head = stackalloc byte[4];
            if (length < 4 || !TryFill(file, from, head[..2]) || head[0] != 0xFF || head[1] != 0xD8)
            {
                return false;
            }

            long at = from + 2;
            for (int segment = 0; segment < MaxSegments; segment++)
            {
                if (at + 4 > end || !TryFill(file, at, head) || head[0] != 0xFF)
                {
                    return false;
                }

                byte marker = head[1];
                if (marker == 0xFF)
                {
                    at++;   // fill byte
                    continue;
                }

                if (marker == StartOfScan)
                {
                    return Components > 0;
                }

                int size = BinaryPrimitives.ReadUInt16BigEndian(head[2..]);
                if (size < 2 || at + 2 + size > end || !Take(marker, file, at + 4, size - 2))
                {
                    return false;
                }

                at += 2 + size;
            }

            return false;
        }

        private bool Take(byte marker, Stream file, long at, int size)
        {
            Span<byte> content = stackalloc byte[18];
            content = content[..Math.Min(size, content.Length)];
            if (!TryFill(file, at, content))
            {
                return false;
            }

            if (marker == Adobe && content.Length >= 12 && content.StartsWith("Adobe"u8))
            {
                HasAdobe = true;
            }

            if (marker is < 0xC0 or > 0xCF or 0xC4 or 0xC8 or 0xCC)
            {
                return true;
            }

            // Lossless, hierarchical and arithmetic coding are not for PDF, nor is a second frame.
            if (marker is not (0xC0 or 0xC1 or 0xC2) || Components > 0 || content.Length < 6 || content[0] != 8)
            {
                return false;
            }

            (Height, Width, Components) = (BinaryPrimitives.ReadUInt16BigEndian(content[1..]), BinaryPrimitives.ReadUInt16BigEndian(content[3..]), content[5]);
            IsNamedRgb = Components == 3 && content.Length >= 15 && content[6] == 'R' && content[9] == 'G' && content[12] == 'B';
            return Components > 0;
        }

        private static bool TryFill(Stream file, long at, Span<byte> bytes)
        {
            file.Position = at;
            return file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length;
        }
    }
}
