using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace DocIngest.Pipeline.Extraction.Child.Renditions;

/// <summary>Writes a PDF from front to back: numbered objects, then their table. Nothing is held but where each object begins.</summary>
/// <remarks>ISO 32000-1, 7.3.8 (streams), 7.5 (file structure).</remarks>
internal sealed class PdfFileWriter : IDisposable
{
    // A table entry has ten digits (ISO 32000-1, 7.5.4).
    private const long MaxOffset = 9_999_999_999;

    private readonly Stream _file;
    private readonly List<long> _offsets = [0];   // by object number; 0 is the free list's head
    private long _length;

    /// <summary>Begins a file.</summary>
    /// <param name="file">Empty; owned.</param>
    public PdfFileWriter(Stream file)
    {
        _file = file;
        Put("%PDF-1.5\n%\u00E2\u00E3\u00CF\u00D3\n");   // bytes above 127: whoever moves it takes it for binary
    }

    /// <summary>Bytes so far.</summary>
    public long Length => _length;

    /// <summary>A number as PDF has it: no exponent, at most as many decimals as asked for.</summary>
    public static string Number(double value, int decimals = 2)
    {
        string text = Math.Round(value, decimals).ToString("0.######", CultureInfo.InvariantCulture);
        return text == "-0" ? "0" : text;
    }

    /// <summary>Takes the next number for an object that is written later.</summary>
    public int Reserve()
    {
        _offsets.Add(0);
        return _offsets.Count - 1;
    }

    /// <summary>Writes an object under the next number.</summary>
    public int Add(string content)
    {
        int number = Reserve();
        Write(number, content);
        return number;
    }

    /// <summary>Writes an object under a reserved number.</summary>
    public void Write(int number, string content)
    {
        Begin(number);
        Put(content);
        Put("\nendobj\n");
    }

    /// <summary>Writes a stream whose bytes are as its filter wants them already.</summary>
    /// <param name="entries">Of its dictionary, without the length.</param>
    /// <param name="length">Bytes that follow.</param>
    /// <param name="copy">Writes exactly these.</param>
    public int AddStream(string entries, long length, Action<Stream> copy)
    {
        int number = Reserve();
        Begin(number);
        Put(string.Create(CultureInfo.InvariantCulture, $"<<{entries}/Length {length}>>stream\n"));
        var counted = new CountingStream(_file);
        copy(counted);
        if (counted.Written != length)
        {
            throw new InvalidDataException("A stream has not the length it was announced with.");
        }

        _length += length;
        Put("\nendstream\nendobj\n");
        return number;
    }

    /// <summary>Writes a stream, compressed.</summary>
    public int AddCompressed(string entries, ReadOnlySpan<byte> content)
    {
        using var packed = new MemoryStream();
        using (var pack = new ZLibStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            pack.Write(content);
        }

        return AddStream($"{entries}/Filter/FlateDecode", packed.Length, target => target.Write(packed.GetBuffer().AsSpan(0, (int)packed.Length)));
    }

    /// <summary>Writes the table and the end.</summary>
    public void Finish(int catalog)
    {
        long table = _length;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"xref\n0 {_offsets.Count}\n0000000000 65535 f \n");
        foreach (long offset in _offsets.Skip(1))
        {
            text.Append(CultureInfo.InvariantCulture, $"{offset:D10} 00000 n \n");
        }

        text.Append(CultureInfo.InvariantCulture, $"trailer\n<</Size {_offsets.Count}/Root {catalog} 0 R>>\nstartxref\n{table}\n%%EOF\n");
        Put(text.ToString());
        _file.Flush();
    }

    public void Dispose() => _file.Dispose();

    private void Begin(int number)
    {
        if (_length > MaxOffset)
        {
            throw new InvalidDataException("No table of a PDF reaches that far.");
        }

        _offsets[number] = _length;
        Put(string.Create(CultureInfo.InvariantCulture, $"{number} 0 obj\n"));
    }

    private void Put(string text)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        _file.Write(bytes);
        _length += bytes.Length;
    }

    private sealed class CountingStream(Stream target) : Stream
    {
        public long Written { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => Written;

        public override long Position
        {
            get => Written;
            set => throw new NotSupportedException();
        }

        public override void Flush() => target.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            target.Write(buffer);
            Written += buffer.Length;
        }
    }
}
