namespace DocIngest.TestKit.Documents;

/// <summary>An uncompressed 8-bit grey TIFF: pixels of each page, then its directory.</summary>
public sealed class TiffBuilder
{
    private int _pages = 1;
    private int _width = 16;
    private int _height = 16;
    private int _thumbnails;
    private bool _bigEndian;
    private bool _big;
    private bool _loops;

    public TiffBuilder Pages(int count)
    {
        _pages = count;
        return this;
    }

    public TiffBuilder Size(int width, int height)
    {
        (_width, _height) = (width, height);
        return this;
    }

    /// <summary>Adds directories that call themselves reduced copies.</summary>
    public TiffBuilder Thumbnails(int count)
    {
        _thumbnails = count;
        return this;
    }

    public TiffBuilder BigEndian()
    {
        _bigEndian = true;
        return this;
    }

    public TiffBuilder BigTiff()
    {
        _big = true;
        return this;
    }

    /// <summary>The last directory names the first as the next one.</summary>
    public TiffBuilder Looping()
    {
        _loops = true;
        return this;
    }

    public byte[] ToBytes()
    {
        int header = _big ? 16 : 8;
        int entries = 10;
        int directory = _big ? 8 + (20 * entries) + 8 : 2 + (12 * entries) + 4;
        int pixels = (_width * _height) + (_width * _height % 2);   // directories begin on a word boundary
        int count = _pages + _thumbnails;
        var file = new Bytes { BigEndian = _bigEndian };
        file.Text(_bigEndian ? "MM" : "II").U16(_big ? 43 : 42);
        if (_big)
        {
            file.U16(8).U16(0);
        }

        Offset(file, header + pixels);
        for (int page = 0; page < count; page++)
        {
            int start = file.Length;
            file.Raw([.. Enumerable.Range(0, pixels).Select(index => (byte)((index * 7) + page))]);
            bool last = page == count - 1;
            int next = !last ? start + pixels + directory + pixels : _loops ? header + pixels : 0;
            Directory(file, start, page >= _pages, next);
        }

        return file.ToArray();
    }

    private void Directory(Bytes file, int pixels, bool reduced, int next)
    {
        const int Long = 4;
        const int Short = 3;
        (int Tag, int Type, int Value)[] entries =
        [
            (254, Long, reduced ? 1 : 0), (256, Long, _width), (257, Long, _height), (258, Short, 8), (259, Short, 1),
            (262, Short, 1), (273, Long, pixels), (277, Short, 1), (278, Long, _height), (279, Long, _width * _height),
        ];
        _ = _big ? file.U64(entries.Length) : file.U16(entries.Length);
        foreach (var (tag, type, value) in entries)
        {
            file.U16(tag).U16(type);
            _ = _big ? file.U64(1) : file.U32(1);
            _ = type == Short ? file.U16(value).U16(0) : file.U32(value);
            _ = _big ? file.U32(0) : file;
        }

        Offset(file, next);
    }

    private void Offset(Bytes file, long value) => _ = _big ? file.U64(value) : file.U32(value);
}
