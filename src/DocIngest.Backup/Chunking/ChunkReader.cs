using System.Buffers;

namespace DocIngest.Backup.Chunking;

/// <summary>Cuts streams into chunks, one stream after the other with the same memory: one buffer as long as the longest chunk.</summary>
/// <remarks>
/// <para>A chunk lies where it was read to. Only what was read beyond its end is moved, at most <see cref="ReadAhead"/> bytes a chunk.
/// Who works on a chunk while the next is read copies it.</para>
/// <para>For one thread at a time; a worker has its own.</para>
/// </remarks>
internal sealed class ChunkReader(Chunker chunker) : IDisposable
{
    /// <summary>How much is read at once beyond the shortest chunk. More moves more, less asks the system more often.</summary>
    private const int ReadAhead = 256 * 1024;

    private byte[]? _buffer = ArrayPool<byte>.Shared.Rent(Chunker.LongestChunk);
    private Stream _stream = Stream.Null;

    // In the buffer: the chunk handed out last, then what has been read of the next.
    private int _handedOut;
    private int _filled;
    private bool _atEnd;

    /// <summary>Starts with another stream, wherever in the last one.</summary>
    /// <param name="stream">Read to its end from where it stands. Stays the caller's.</param>
    internal void Open(Stream stream)
    {
        _stream = stream;
        _handedOut = 0;
        _filled = 0;
        _atEnd = false;
    }

    /// <summary>The next chunk; empty after the last. Valid until the next call.</summary>
    /// <remarks>Errors of the stream pass through; after one, only <see cref="Open"/> and <see cref="Dispose"/> make sense.</remarks>
    internal async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_buffer is null, this);
        _buffer.AsSpan(_handedOut, _filled - _handedOut).CopyTo(_buffer);
        _filled -= _handedOut;
        _handedOut = 0;
        int examined = 0;
        while (true)
        {
            int end = chunker.FindEnd(_buffer.AsSpan(0, _filled), examined);
            if (end != 0 || _atEnd)
            {
                _handedOut = end != 0 ? end : _filled;
                return _buffer.AsMemory(0, _handedOut);
            }

            examined = _filled;
            int wanted = Math.Min(Math.Max(Chunker.ShortestChunk - _filled, 0) + ReadAhead, Chunker.LongestChunk - _filled);
            int read = await _stream.ReadAsync(_buffer.AsMemory(_filled, wanted), cancellation);
            _filled += read;
            _atEnd = read == 0;
        }
    }

    /// <summary>Gives the memory back. Chunks that were handed out are no longer valid.</summary>
    public void Dispose()
    {
        if (_buffer is { } buffer)
            ArrayPool<byte>.Shared.Return(buffer);
        _buffer = null;
    }
}
