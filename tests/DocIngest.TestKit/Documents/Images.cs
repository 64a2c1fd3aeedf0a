using System.IO.Compression;
using System.Text;

namespace DocIngest.TestKit.Documents;

/// <summary>An image that has a size.</summary>
public abstract class ImageBuilder<TSelf>
    where TSelf : ImageBuilder<TSelf>
{
    private protected int Width { get; private set; } = 32;

    private protected int Height { get; private set; } = 24;

    public TSelf Size(int width, int height)
    {
        (Width, Height) = (width, height);
        return (TSelf)this;
    }
}

/// <summary>An 8-bit grey PNG.</summary>
public sealed class PngBuilder : ImageBuilder<PngBuilder>
{
    private string? _title;

    public PngBuilder WithTitle(string title)
    {
        _title = title;
        return this;
    }

    public byte[] ToBytes()
    {
        var file = new Bytes { BigEndian = true }.Raw([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        Chunk(file, "IHDR", new Bytes { BigEndian = true }.U32(Width).U32(Height).Raw([8, 0, 0, 0, 0]).ToArray());
        if (_title is not null)
        {
            Chunk(file, "tEXt", Encoding.Latin1.GetBytes("Title\0" + _title));
        }

        Chunk(file, "IDAT", Pixels());
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    private byte[] Pixels()
    {
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (int row = 0; row < Height; row++)
            {
                zlib.WriteByte(0);
                zlib.Write([.. Enumerable.Range(0, Width).Select(column => (byte)(row + column))]);
            }
        }

        return packed.ToArray();
    }

    private static void Chunk(Bytes file, string type, byte[] content)
    {
        byte[] covered = [.. Encoding.ASCII.GetBytes(type), .. content];
        file.U32(content.Length).Raw(covered).U32(Crc(covered));
    }

    private static uint Crc(byte[] data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        return ~crc;
    }
}

/// <summary>A baseline grey JPEG, all of one shade; optionally with a thumbnail in front of the image, as cameras write.</summary>
public sealed class JpegBuilder : ImageBuilder<JpegBuilder>
{
    private bool _thumbnail;
    private string? _comment;

    public JpegBuilder WithThumbnail()
    {
        _thumbnail = true;
        return this;
    }

    public JpegBuilder WithComment(string comment)
    {
        _comment = comment;
        return this;
    }

    public byte[] ToBytes()
    {
        var file = new Bytes { BigEndian = true }.Raw([0xFF, 0xD8]);
        Segment(file, 0xE0, [.. Encoding.ASCII.GetBytes("JFIF\0"), 1, 2, 1, 1, 0x2C, 1, 0x2C, 0, 0]);   // 300 DPI
        if (_thumbnail)
        {
            Segment(file, 0xE2, [.. Encoding.ASCII.GetBytes("PREVIEW\0"), .. new JpegBuilder().Size(8, 8).ToBytes()]);
        }

        if (_comment is not null)
        {
            Segment(file, 0xFE, Encoding.Latin1.GetBytes(_comment));
        }

        Segment(file, 0xDB, [0, .. Enumerable.Repeat((byte)1, 64)]);
        Segment(file, 0xC0, new Bytes { BigEndian = true }.U8(8).U16(Height).U16(Width).Raw([1, 1, 0x11, 0]).ToArray());
        Segment(file, 0xC4, [0x00, 1, .. new byte[15], 0]);   // one DC code of one bit: no difference
        Segment(file, 0xC4, [0x10, 1, .. new byte[15], 0]);   // one AC code of one bit: end of block
        Segment(file, 0xDA, [1, 1, 0, 0, 63, 0]);
        int bits = (Width + 7) / 8 * ((Height + 7) / 8) * 2;
        return file.Raw(Scan(bits)).Raw([0xFF, 0xD9]).ToArray();
    }

    private static byte[] Scan(int bits)
    {
        byte[] scan = new byte[(bits + 7) / 8];
        if (bits % 8 != 0)
        {
            scan[^1] = (byte)(0xFF >> (bits % 8));   // padded with ones
        }

        return scan;
    }

    private static void Segment(Bytes file, int marker, byte[] content) => file.U8(0xFF).U8(marker).U16(content.Length + 2).Raw(content);
}

/// <summary>A GIF89a of one shade.</summary>
public sealed class GifBuilder : ImageBuilder<GifBuilder>
{
    private int _frames = 1;

    public GifBuilder Frames(int count)
    {
        _frames = count;
        return this;
    }

    public byte[] ToBytes()
    {
        var file = new Bytes().Text("GIF89a").U16(Width).U16(Height).Raw([0x80, 0, 0, 0, 0, 0, 255, 255, 255]);
        for (int frame = 0; frame < _frames; frame++)
        {
            file.Raw([0x21, 0xF9, 4, 0, 10, 0, 0, 0]);
            file.U8(0x2C).U16(0).U16(0).U16(1).U16(1).U8(0).U8(2).Raw([2, 0x44, 0x01, 0]);   // one pixel
        }

        return file.U8(0x3B).ToArray();
    }
}

/// <summary>A 24-bit bitmap.</summary>
public sealed class BitmapBuilder : ImageBuilder<BitmapBuilder>
{
    public byte[] ToBytes()
    {
        int row = (((Width * 24) + 31) / 32) * 4;
        var file = new Bytes().Text("BM").U32(54 + (row * Height)).U32(0).U32(54);
        file.U32(40).U32(Width).U32(Height).U16(1).U16(24).U32(0).U32(row * Height).U32(11811).U32(11811).U32(0).U32(0);
        return file.Raw([.. Enumerable.Range(0, row * Height).Select(index => (byte)index)]).ToArray();
    }
}

/// <summary>A lossless WebP: header and a stand-in for its bits.</summary>
public sealed class WebPBuilder : ImageBuilder<WebPBuilder>
{
    public byte[] ToBytes()
    {
        byte[] bits = new Bytes().U8(0x2F).U32((uint)(Width - 1) | ((uint)(Height - 1) << 14)).Raw(new byte[27]).ToArray();
        return new Bytes().Text("RIFF").U32(4 + 8 + bits.Length).Text("WEBPVP8L").U32(bits.Length).Raw(bits).ToArray();
    }
}

/// <summary>A HEIC with the boxes that state its size, and a stand-in for its media data.</summary>
public sealed class HeicBuilder : ImageBuilder<HeicBuilder>
{
    private string[] _brands = ["heic", "mif1"];

    /// <summary>The major brand and the compatible ones.</summary>
    public HeicBuilder Brands(params string[] brands)
    {
        _brands = brands;
        return this;
    }

    public byte[] ToBytes()
    {
        byte[] handler = Box("hdlr", new Bytes { BigEndian = true }.U32(0).U32(0).Text("pict").Raw(new byte[13]).ToArray());
        byte[] primary = Box("pitm", new Bytes { BigEndian = true }.U32(0).U16(1).ToArray());
        byte[] extent = Box("ispe", new Bytes { BigEndian = true }.U32(0).U32(Width).U32(Height).ToArray());
        byte[] association = Box("ipma", new Bytes { BigEndian = true }.U32(0).U32(1).U16(1).U8(1).U8(1).ToArray());
        byte[] properties = Box("iprp", [.. Box("ipco", extent), .. association]);
        byte[] meta = Box("meta", [0, 0, 0, 0, .. handler, .. primary, .. properties]);
        byte[] brands = [.. Encoding.ASCII.GetBytes(_brands[0]), 0, 0, 0, 0, .. _brands.SelectMany(Encoding.ASCII.GetBytes)];
        return [.. Box("ftyp", brands), .. meta, .. Box("mdat", new byte[64])];
    }

    internal static byte[] Box(string type, byte[] content) =>
        [.. new Bytes { BigEndian = true }.U32(8 + content.Length).ToArray(), .. Encoding.ASCII.GetBytes(type), .. content];
}

/// <summary>A JPEG 2000, in its file format or as a bare code stream, with a stand-in for its tiles.</summary>
public sealed class Jpeg2000Builder : ImageBuilder<Jpeg2000Builder>
{
    private bool _bare;

    public Jpeg2000Builder Bare()
    {
        _bare = true;
        return this;
    }

    public byte[] ToBytes()
    {
        byte[] size = new Bytes { BigEndian = true }.U16(0).U32(Width).U32(Height).U32(0).U32(0).U32(Width).U32(Height)
            .U32(0).U32(0).U16(1).Raw([7, 1, 1]).ToArray();
        byte[] stream = [0xFF, 0x4F, 0xFF, 0x51, 0, (byte)(size.Length + 2), .. size, .. new byte[32], 0xFF, 0xD9];
        if (_bare)
        {
            return stream;
        }

        byte[] header = HeicBuilder.Box("ihdr", new Bytes { BigEndian = true }.U32(Height).U32(Width).U16(1).Raw([7, 7, 0, 0]).ToArray());
        return
        [
            .. HeicBuilder.Box("jP  ", [0x0D, 0x0A, 0x87, 0x0A]),
            .. HeicBuilder.Box("ftyp", [.. "jp2 "u8, 0, 0, 0, 0, .. "jp2 "u8]),
            .. HeicBuilder.Box("jp2h", header),
            .. HeicBuilder.Box("jp2c", stream),
        ];
    }
}
