using System.Buffers;

namespace DocIngest.Backup;

/// <summary>Bytes in memory that is used again after disposing. Nobody may hold on to them then.</summary>
public sealed class PooledBytes : IDisposable
{
    private byte[] _array;

    private PooledBytes(int length)
    {
        _array = ArrayPool<byte>.Shared.Rent(length);
        Length = length;
    }

    /// <summary>How many there are.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes.</summary>
    public Memory<byte> Memory => _array.AsMemory(0, Length);

    /// <summary>The bytes.</summary>
    public Span<byte> Span => _array.AsSpan(0, Length);

    /// <summary>Room for so many bytes, with whatever was there before.</summary>
    internal static PooledBytes Rent(int length) => new(length);

    /// <summary>Keeps the first bytes only.</summary>
    internal void Shorten(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Length = 0;
        byte[] array = Interlocked.Exchange(ref _array, []);
        if (array.Length > 0)
            ArrayPool<byte>.Shared.Return(array);
    }
}
