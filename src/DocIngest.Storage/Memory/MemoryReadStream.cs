namespace DocIngest.Storage;

/// <summary>Reads a file of a memory volume as it is at each read; a deleted file is read on to its end.</summary>
internal sealed class MemoryReadStream(MemoryVolume volume, Inode file) : ReadOnlyStream
{
    private readonly long _generation = volume.Generation;
    private long _position;
    private bool _closed;

    public override bool CanRead => !_closed;

    public override bool CanSeek => !_closed;

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

    protected override void Dispose(bool disposing)
    {
        _closed = true;
        base.Dispose(disposing);
    }
}
