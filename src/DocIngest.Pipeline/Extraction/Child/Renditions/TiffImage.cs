using System.Globalization;
using DocIngest.Pipeline.Formats;

namespace DocIngest.Pipeline.Extraction.Child.Renditions;

/// <summary>The one strip of a TIFF page, where it holds what PDF has a filter for: fax data of group 4, or a JPEG.</summary>
/// <remarks>TIFF 6.0, sections 2, 11, 22, and TTN2 for JPEG; ISO 32000-1, 7.4.6. Other pages are decoded and written anew.</remarks>
internal sealed class TiffImage
{
    private const int MaxEntries = 4096;
    private const long MaxFaxBytes = 256L << 20;   // held to have its bits turned round
    private const int MaxTableBytes = 64 * 1024;
    private const int Group4 = 4;
    private const int Jpeg = 7;

    private readonly BudgetedFile _bytes;
    private readonly Stream _file;
    private readonly Dictionary<ushort, (ushort Type, uint Count, long At)> _entries = [];

    private TiffImage(BudgetedFile bytes, Stream file)
    {
        _bytes = bytes;
        _file = file;
    }

    /// <summary>Looks at one directory.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="file">The same.</param>
    /// <param name="directory">From 0, along the chain.</param>
    /// <returns>Null for kinds PDF does not know.</returns>
    public static PageImageData? Find(BudgetedFile bytes, Stream file, int directory)
    {
        var image = new TiffImage(bytes, file);
        return image.TryOpen(directory) ? image.Describe() : null;
    }

    private bool TryOpen(int directory)
    {
        Span<byte> order = stackalloc byte[2];
        if (!_bytes.TryRead(0, order))
        {
            return false;
        }

        _bytes.BigEndian = order[0] == 'M';
        if (!_bytes.TryReadUInt16(2, out ushort version) || version != 42 || !_bytes.TryReadUInt32(4, out uint at))
        {
            return false;
        }

        for (int passed = 0; ; passed++)
        {
            if (at == 0 || !_bytes.TryReadUInt16(at, out ushort count) || count > MaxEntries)
            {
                return false;
            }

            if (passed == directory)
            {
                return TryReadEntries(at + 2L, count);
            }

            if (!_bytes.TryReadUInt32(at + 2L + (12L * count), out at))
            {
                return false;
            }
        }
    }

    private bool TryReadEntries(long at, int count)
    {
        for (int index = 0; index < count; index++, at += 12)
        {
            if (!_bytes.TryReadUInt16(at, out ushort tag) || !_bytes.TryReadUInt16(at + 2, out ushort type) || !_bytes.TryReadUInt32(at + 4, out uint length))
            {
                return false;
            }

            _entries[tag] = (type, length, at + 8);
        }

        return true;
    }

    private PageImageData? Describe()
    {
        long width = Value(256);
        long height = Value(257);
        long strip = Value(273);
        long length = Value(279);
        bool isOneStrip = _entries.GetValueOrDefault((ushort)273).Count == 1 && _entries.GetValueOrDefault((ushort)279).Count == 1;
        if (!isOneStrip || width <= 0 || height <= 0 || length <= 0 || !_bytes.Holds(strip, length))
        {
            return null;
        }

        return Value(259, 1) switch
        {
            Group4 when Value(258, 1) == 1 && Value(277, 1) == 1 && Value(262) is 0 or 1 && length <= MaxFaxBytes => Fax(width, height, strip, length),
            Jpeg when Value(284, 1) == 1 => FromJpeg(width, height, strip, length),
            _ => null,
        };
    }

    private PageImageData Fax(long width, long height, long strip, long length)
    {
        bool isTurned = Value(266, 1) == 2;   // least bit first
        string black = Value(262) == 1 ? "/BlackIs1 true" : "";
        return new PageImageData
        {
            Width = width,
            Height = height,
            Entries = string.Create(
                CultureInfo.InvariantCulture,
                $"/Filter/CCITTFaxDecode/BitsPerComponent 1/ColorSpace/DeviceGray/DecodeParms<</K -1/Columns {width}/Rows {height}{black}>>"),
            Length = length,
            Copy = target =>
            {
                if (!isTurned)
                {
                    PageImageData.CopyRange(_file, strip, length, target);
                    return;
                }

                byte[] data = new byte[length];
                _file.Position = strip;
                _file.ReadExactly(data);
                for (int index = 0; index < data.Length; index++)
                {
                    data[index] = Turned(data[index]);
                }

                target.Write(data);
            },
        };
    }

    private PageImageData? FromJpeg(long width, long height, long strip, long length)
    {
        long photometric = Value(262);
        if (photometric is not (1 or 2 or 6) || (photometric == 1) != (Value(277, 1) == 1) || Tables() is not { } tables)
        {
            return null;
        }

        // The tables' stream without its end, and the strip's without its begin, are one JPEG.
        using var joined = new MemoryStream();
        if (tables.Length > 4)
        {
            joined.Write(tables.AsSpan(0, tables.Length - 2));
        }

        int skipped = tables.Length > 4 ? 2 : 0;
        if (length <= 4 || length > int.MaxValue)
        {
            return null;
        }

        PageImageData.CopyRange(_file, strip + skipped, length - skipped, joined);
        byte[] whole = joined.ToArray();
        return JpegImage.Find(new MemoryStream(whole), 0, whole.Length, isPlainRgb: photometric == 2) is { } image && image.Width == width && image.Height == height
            ? image
            : null;
    }

    private byte[]? Tables()
    {
        if (!_entries.TryGetValue(347, out var entry))
        {
            return [];
        }

        if (entry.Count is < 5 or > MaxTableBytes || !_bytes.TryReadUInt32(entry.At, out uint at))
        {
            return null;
        }

        byte[] tables = new byte[entry.Count];
        return _bytes.TryRead(at, tables) && tables[^2] == 0xFF && tables[^1] == 0xD9 ? tables : null;
    }

    /// <summary>The first value of an entry.</summary>
    private long Value(ushort tag, long otherwise = -1)
    {
        if (!_entries.TryGetValue(tag, out var entry) || entry.Count == 0)
        {
            return otherwise;
        }

        // More than four bytes of them lie elsewhere.
        long at = entry.At;
        if (entry.Count * (entry.Type == 3 ? 2L : 4L) > 4)
        {
            if (!_bytes.TryReadUInt32(at, out uint elsewhere))
            {
                return -1;
            }

            at = elsewhere;
        }

        return entry.Type switch
        {
            3 => _bytes.TryReadUInt16(at, out ushort two) ? two : -1,
            4 => _bytes.TryReadUInt32(at, out uint four) ? four : -1,
            _ => -1,
        };
    }

    private static byte Turned(byte value)
    {
        int turned = 0;
        for (int bit = 0; bit < 8; bit++)
        {
            turned = (turned << 1) | ((value >> bit) & 1);
        }

        return (byte)turned;
    }
}
