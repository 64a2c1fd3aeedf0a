using ZstdSharp;
using ZstdSharp.Unsafe;

namespace DocIngest.Backup.Compression;

/// <summary>Compresses at one level: one frame with its content size, no dictionary, no checksum, a window of at most 8 MiB (restic-format 5.1).</summary>
/// <remarks>May be used from several threads. Its memory lies outside the managed heap.</remarks>
internal sealed class ZstdCompressor : IDisposable
{
    internal const int FastestLevel = 1;

    /// <summary>The last level whose window stays within what the format allows.</summary>
    internal const int HighestLevel = 19;

    private readonly IdlePool<Compressor> _idle;

    internal ZstdCompressor(int level)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(level, FastestLevel);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, HighestLevel);
        _idle = new IdlePool<Compressor>(() => new Compressor(level));
    }

    /// <summary>Bytes that no frame of so much content exceeds.</summary>
    internal static int Bound(int contentLength) => checked((int)Methods.ZSTD_compressBound((nuint)contentLength));

    /// <summary>Writes the frame and returns its length.</summary>
    /// <param name="content">Of any length.</param>
    /// <param name="frame">At least <see cref="Bound"/>.</param>
    internal int Compress(ReadOnlySpan<byte> content, Span<byte> frame)
    {
        var compressor = _idle.Take();
        int length = compressor.Wrap(content, frame);
        _idle.Return(compressor);
        return length;
    }

    public void Dispose() => _idle.Dispose();
}
