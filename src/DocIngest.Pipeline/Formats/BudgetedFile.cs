using System.Buffers.Binary;

namespace DocIngest.Pipeline.Formats;

/// <summary>
/// Random access to a hostile file, with a budget of reads: whatever offsets the file names, the work stays bounded. Nothing is
/// allocated by sizes the file gives. Numbers are read in the byte order last set.
/// </summary>
/// <param name="stream">Seekable; not owned.</param>
/// <param name="reads">Reads of at most <see cref="WindowBytes"/> each that may be spent.</param>
internal sealed class BudgetedFile(Stream stream, int reads)
{
    /// <summary>One read of the file.</summary>
    public const int WindowBytes = 4096;

    // Four, so that tables read side by side (strip offsets, strip lengths, directory) do not push each other out.
    private readonly Window[] _windows = [new(), new(), new(), new()];
    private int _oldest;
    private int _readsLeft = reads;

    /// <summary>Length of the file when it was opened here.</summary>
    public long Length { get; } = stream.Length;

    /// <summary>The budget is used up: what failed says nothing about the file.</summary>
    public bool Spent { get; private set; }

    /// <summary>Byte order of the numbers.</summary>
    public bool BigEndian { get; set; }

    /// <summary>Fills <paramref name="into"/> from an offset.</summary>
    /// <returns>False where it is not all within the file, or the budget is spent.</returns>
    public bool TryRead(long offset, scoped Span<byte> into)
    {
        if (!Holds(offset, into.Length))
        {
            return false;
        }

        while (!into.IsEmpty)
        {
            if (Load(offset) is not { } window)
            {
                return false;
            }

            int from = (int)(offset - window.Start);
            int count = Math.Min(window.Length - from, into.Length);
            window.Bytes.AsSpan(from, count).CopyTo(into);
            into = into[count..];
            offset += count;
        }

        return true;
    }

    /// <summary>Whether a range lies within the file.</summary>
    public bool Holds(long offset, long length) => offset >= 0 && length >= 0 && offset <= Length && length <= Length - offset;

    /// <summary>Reads one byte.</summary>
    public bool TryReadByte(long offset, out byte value)
    {
        Span<byte> one = stackalloc byte[1];
        bool read = TryRead(offset, one);
        value = one[0];
        return read;
    }

    /// <summary>Reads 2 bytes as a number.</summary>
    public bool TryReadUInt16(long offset, out ushort value)
    {
        Span<byte> bytes = stackalloc byte[2];
        bool read = TryRead(offset, bytes);
        value = BigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        return read;
    }

    /// <summary>Reads 4 bytes as a number.</summary>
    public bool TryReadUInt32(long offset, out uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        bool read = TryRead(offset, bytes);
        value = BigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        return read;
    }

    /// <summary>Reads 8 bytes as a number; false also where it is more than a file can be long.</summary>
    public bool TryReadLength64(long offset, out long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        bool read = TryRead(offset, bytes);
        value = BigEndian ? BinaryPrimitives.ReadInt64BigEndian(bytes) : BinaryPrimitives.ReadInt64LittleEndian(bytes);
        return read && value >= 0;
    }

    private Window? Load(long offset)
    {
        foreach (var held in _windows)
        {
            if (offset >= held.Start && offset < held.Start + held.Length)
            {
                return held;
            }
        }

        if (_readsLeft == 0)
        {
            Spent = true;
            return null;
        }

        _readsLeft--;
        var window = _windows[_oldest];
        _oldest = (_oldest + 1) % _windows.Length;
        stream.Position = offset;
        window.Start = offset;
        window.Length = stream.ReadAtLeast(window.Bytes, WindowBytes, throwOnEndOfStream: false);
        return window.Length > 0 ? window : null;   // nothing: shortened since it was opened
    }

    private sealed class Window
    {
        public byte[] Bytes { get; } = new byte[WindowBytes];

        public long Start { get; set; }

        public int Length { get; set; }
    }
}
