namespace DocIngest.Storage;

/// <summary>Reads a file of a memory volume as it is at each read; a deleted file is read on to its end.</summary>
internal sealed class MemoryReadStream(MemoryVolume volume, Inode file) : Stream
{
    private readonly long _generation = volume.Generation;
    private long _position;
    private bool _closed;

    public override bool CanRead => !_closed;

    public override bool CanSeek => !_closed;

    public override bool CanWrite => false;

    public override long Length
    {
        get
        {
            lock (volume.Gate)
                return file.Content.Length;
        }
    }

    public override long Position
    {
        get => _position;
        set => _position = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    public override int Read(Span<byte> buffer)
    {
        lock (volume.Gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            volume.CheckThere();
            if (_generation != volume.Generation)
                throw new PowerCutException();
            var rest = file.Content.Span[(int)Math.Min(_position, file.Content.Length)..];
            int read = Math.Min(rest.Length, buffer.Length);
            rest[..read].CopyTo(buffer);
            _position += read;
            return read;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Read(buffer.Span));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => Position = offset + origin switch
    {
        SeekOrigin.Current => _position,
        SeekOrigin.End => Length,
        _ => 0,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _closed = true;
        base.Dispose(disposing);
    }
}
