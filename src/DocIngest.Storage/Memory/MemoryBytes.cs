namespace DocIngest.Storage;

/// <summary>The bytes of a file as a value: an earlier one stays what it was while a longer one is made from it.</summary>
/// <remarks>Values made one from the other share a buffer and differ in length, so that appending costs what is appended.</remarks>
internal sealed class MemoryBytes
{
    internal static readonly MemoryBytes Empty = new(new Buffer(), 0);

    private readonly Buffer _shared;

    private MemoryBytes(Buffer shared, int length)
    {
        _shared = shared;
        Length = length;
    }

    internal int Length { get; }

    internal ReadOnlySpan<byte> Span => _shared.Bytes.AsSpan(0, Length);

    /// <summary>These bytes with others at an offset; a gap in between is zeros.</summary>
    internal MemoryBytes With(long offset, ReadOnlySpan<byte> bytes)
    {
        int end = checked((int)offset + bytes.Length);
        if (offset == Length && _shared.Used == Length && this != Empty)
        {
            _shared.Reserve(end);
            bytes.CopyTo(_shared.Bytes.AsSpan(Length));
            _shared.Used = end;
            return new MemoryBytes(_shared, end);
        }

        var copy = new Buffer { Bytes = new byte[Math.Max(end, Length)], Used = Math.Max(end, Length) };
        Span.CopyTo(copy.Bytes);
        bytes.CopyTo(copy.Bytes.AsSpan((int)offset));
        return new MemoryBytes(copy, copy.Used);
    }

    /// <summary>The first bytes of these.</summary>
    internal MemoryBytes First(long length) => new(_shared, (int)Math.Min(length, Length));

    private sealed class Buffer
    {
        internal byte[] Bytes { get; set; } = [];

        internal int Used { get; set; }

        // Grown by copying: values made before go on reading the bytes they know, whichever array they are in.
        internal void Reserve(int size)
        {
            if (size <= Bytes.Length)
                return;
            var larger = new byte[Math.Max(size, Bytes.Length * 2)];
            Bytes.AsSpan(0, Used).CopyTo(larger);
            Bytes = larger;
        }
    }
}
