using System.Buffers;

namespace DocIngest.Backup;

/// <summary>Bytes in memory that is used again after disposing. Nobody may hold on to them then.</summary>
public sealed class PooledBytes : IDisposable
{
    private const int MostSmallBytes = 128 * 1024;   // a power of two, as the lengths that pools give
    private const int MostLargeBytes = 32 * 1024 * 1024;   // as much as is read of a pack at once

    /// <summary>The shared pool keeps an array of each size for each thread that ever had one: far more large ones than are in use at once.</summary>
    private static readonly ArrayPool<byte> Large = ArrayPool<byte>.Create(MostLargeBytes, Environment.ProcessorCount + 1);

    private byte[] _array;

    private PooledBytes(int length)
    {
        _array = PoolFor(length).Rent(length);
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
            PoolFor(array.Length).Return(array);
    }

    /// <summary>The same for what was asked for and for what was given.</summary>
    private static ArrayPool<byte> PoolFor(int length) => length > MostSmallBytes ? Large : ArrayPool<byte>.Shared;
}
