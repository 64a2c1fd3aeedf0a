using System.Buffers;

namespace DocIngest.Pipeline.Extraction;

/// <summary>Reads lines of bytes, none longer than a limit, into one buffer that is used again.</summary>
/// <param name="stream">Not owned.</param>
/// <param name="maxLineBytes">Longest line, without its end.</param>
internal sealed class LineReader(Stream stream, int maxLineBytes) : IDisposable
{
    private const int StartBytes = 16 * 1024;

    // One long line must not keep its buffer for the life of the process.
    private const int KeepBytes = 1 << 20;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(StartBytes);
    private int _start;
    private int _end;

    /// <summary>The next line, valid until the next call.</summary>
    /// <returns>False at the end of the stream; a last line without an end is no line.</returns>
    /// <exception cref="InvalidDataException">A line is too long.</exception>
    public bool TryRead(out ReadOnlyMemory<byte> line)
    {
        int searched = 0;
        while (true)
        {
            int at = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (at >= 0)
            {
                line = _buffer.AsMemory(_start, searched + at);
                _start += searched + at + 1;
                return true;
            }

            searched = _end - _start;
            if (searched > maxLineBytes)
            {
                throw new InvalidDataException("A line is too long.");
            }

            MakeRoom();
            int read = stream.Read(_buffer, _end, _buffer.Length - _end);
            if (read == 0)
            {
                line = default;
                return false;
            }

            _end += read;
        }
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private void MakeRoom()
    {
        int held = _end - _start;
        if (held == 0 && _buffer.Length > KeepBytes)
        {
            Replace(StartBytes);
        }
        else if (held == _buffer.Length)
        {
            Replace((int)Math.Min(2L * held, (long)maxLineBytes + StartBytes));
        }
        else if (_start > 0)
        {
            _buffer.AsSpan(_start, held).CopyTo(_buffer);
        }

        _start = 0;
        _end = held;
    }

    private void Replace(int size)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(size);
        _buffer.AsSpan(_start, _end - _start).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
