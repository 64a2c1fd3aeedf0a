using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace DocIngest.Benchmarks.BadInput;

/// <summary>Small files that ask for gigabytes, or for ever. Each is what it says it is: no decoder would refuse it for its form.</summary>
internal static class HostileFiles
{
    private const int Jbig2Side = 35_000;

    /// <summary>A white PNG of 8 bits a pixel.</summary>
    public static void WritePng(string path, int side)
    {
        using var file = File.Create(path);
        file.Write([0x89, .. "PNG\r\n"u8, 0x1A, (byte)'\n']);
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, side);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), side);
        header[8] = 8;   // bits; grey, no interlace
        WriteChunk(file, "IHDR"u8, header);
        using var pixels = new MemoryStream();
        using (var zlib = new ZLibStream(pixels, CompressionLevel.Fastest, leaveOpen: true))
        {
            byte[] line = new byte[side + 1];
            line.AsSpan(1).Fill(255);
            for (int y = 0; y < side; y++)
            {
                zlib.Write(line);
            }
        }

        WriteChunk(file, "IDAT"u8, pixels.ToArray());
        WriteChunk(file, "IEND"u8, []);
    }

    private static void WriteChunk(Stream file, ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        byte[] number = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        byte[] content = [.. name, .. data];
        file.Write(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.HashToUInt32(content));
        file.Write(number);
    }

    /// <summary>A PDF of one page, which is one JBIG2 image: a generic region whose few bytes stand for 1.2 billion pixels, each to be decoded arithmetically.</summary>
    public static void WriteJbig2(string path)
    {
        byte[] page = new byte[19];
        BinaryPrimitives.WriteInt32BigEndian(page, Jbig2Side);
        BinaryPrimitives.WriteInt32BigEndian(page.AsSpan(4), Jbig2Side);
        byte[] region = new byte[17 + 1 + 8 + 256];
        BinaryPrimitives.WriteInt32BigEndian(region, Jbig2Side);
        BinaryPrimitives.WriteInt32BigEndian(region.AsSpan(4), Jbig2Side);
        new byte[] { 3, 0xFF, 0xFD, 0xFF, 0x02, 0xFE, 0xFE, 0xFE }.CopyTo(region, 18);   // template 0 and its usual adaptive pixels
        new Random(1).NextBytes(region.AsSpan(26));
        byte[] image = [.. Segment(0, 48, page), .. Segment(1, 38, region)];
        WritePdf(
            path, "612 792", "q 612 0 0 792 0 0 cm /Im Do Q", "/XObject << /Im 5 0 R >>",
            [($"/Type /XObject /Subtype /Image /Width {Jbig2Side} /Height {Jbig2Side} /BitsPerComponent 1 /ColorSpace /DeviceGray /Filter /JBIG2Decode", image)]);
    }

    // ITU-T T.88, 7.2: number, flags, no referred segments, page 1, length.
    private static byte[] Segment(int number, byte type, byte[] data)
    {
        byte[] header = new byte[11];
        BinaryPrimitives.WriteInt32BigEndian(header, number);
        header[4] = type;
        header[6] = 1;
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(7), data.Length);
        return [.. header, .. data];
    }

    /// <summary>A PDF whose one page is 200 inches wide and holds transparency groups within each other: a renderer keeps a bitmap of the whole page for each.</summary>
    public static void WriteGroups(string path, int depth)
    {
        const string Box = "14400";
        string group = $"/Type /XObject /Subtype /Form /BBox [0 0 {Box} {Box}] /Group << /S /Transparency /I true /K true /CS /DeviceRGB >>";
        var forms = Enumerable.Range(0, depth).Select(level => (
            $"{group} /Resources << /ExtGState << /Half << /ca 0.5 >> >>{(level + 1 < depth ? $" /XObject << /Im {6 + level} 0 R >>" : "")} >>",
            Encoding.ASCII.GetBytes($"/Half gs 0.5 g 0 0 {Box} {Box} re f{(level + 1 < depth ? " /Im Do" : "")}"))).ToList();
        WritePdf(path, $"{Box} {Box}", "/Im Do", "/XObject << /Im 5 0 R >>", forms);
    }

    /// <param name="path">To be written.</param>
    /// <param name="size">Of the page, points.</param>
    /// <param name="content">Of the page.</param>
    /// <param name="resources">Of the page.</param>
    /// <param name="streams">Objects from 5 on.</param>
    private static void WritePdf(string path, string size, string content, string resources, IReadOnlyList<(string Entries, byte[] Data)> streams)
    {
        using var file = File.Create(path);
        var places = new List<long>();
        Write("%PDF-1.7\n");
        Object("<< /Type /Catalog /Pages 2 0 R >>");
        Object("<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
        Object($"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size}] /Contents 4 0 R /Resources << {resources} >> >>");
        Stream("", Encoding.ASCII.GetBytes(content));
        foreach (var (entries, data) in streams)
        {
            Stream(entries, data);
        }

        long table = file.Position;
        Write($"xref\n0 {places.Count + 1}\n0000000000 65535 f \n{string.Concat(places.Select(place => string.Create(CultureInfo.InvariantCulture, $"{place:0000000000} 00000 n \n")))}");
        Write($"trailer << /Size {places.Count + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n");

        void Object(string text)
        {
            places.Add(file.Position);
            Write($"{places.Count} 0 obj\n{text}\nendobj\n");
        }

        void Stream(string entries, byte[] data)
        {
            places.Add(file.Position);
            Write($"{places.Count} 0 obj\n<< {entries} /Length {data.Length} >>\nstream\n");
            file.Write(data);
            Write("\nendstream\nendobj\n");
        }

        void Write(string text) => file.Write(Encoding.ASCII.GetBytes(text));
    }

    /// <summary>A TIFF whose last directory names the first as the next.</summary>
    public static void WriteEndlessTiff(string path) => WriteTiff(path, directories: 3, isEndless: true);

    /// <summary>A TIFF of very many pages of one strip, which they share.</summary>
    public static void WriteLongTiff(string path, int directories) => WriteTiff(path, directories, isEndless: false);

    private static void WriteTiff(string path, int directories, bool isEndless)
    {
        const int Side = 200;
        const int StripAt = 8;
        const int StripBytes = Side * Side / 8;
        const int FirstAt = StripAt + StripBytes;
        (ushort Tag, ushort Type, uint Value)[] entries =
            [(256, 4, Side), (257, 4, Side), (258, 3, 1), (259, 3, 1), (262, 3, 1), (273, 4, StripAt), (277, 3, 1), (278, 4, Side), (279, 4, StripBytes)];
        int size = 2 + (12 * entries.Length) + 4;
        using var file = new BufferedStream(File.Create(path), 1 << 20);
        byte[] header = [.. "II"u8, 42, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), FirstAt);
        file.Write(header);
        byte[] strip = new byte[StripBytes];
        new Random(1).NextBytes(strip);
        file.Write(strip);
        byte[] directory = new byte[size];
        BinaryPrimitives.WriteUInt16LittleEndian(directory, (ushort)entries.Length);
        for (int at = 0; at < entries.Length; at++)
        {
            var place = directory.AsSpan(2 + (12 * at));
            BinaryPrimitives.WriteUInt16LittleEndian(place, entries[at].Tag);
            BinaryPrimitives.WriteUInt16LittleEndian(place[2..], entries[at].Type);
            BinaryPrimitives.WriteUInt32LittleEndian(place[4..], 1);
            BinaryPrimitives.WriteUInt32LittleEndian(place[8..], entries[at].Value);
        }

        for (int number = 0; number < directories; number++)
        {
            bool isLast = number == directories - 1;
            BinaryPrimitives.WriteInt32LittleEndian(directory.AsSpan(size - 4), isLast ? isEndless ? FirstAt : 0 : FirstAt + ((number + 1) * size));
            file.Write(directory);
        }
    }
}
