namespace DocIngest.Storage;

/// <summary>Writes a file from its present end on, without a buffer: what was written is visible to every reader at once.</summary>
internal sealed class LocalWriteStream(OpenedFile file, Func<Exception, Exception> translate) : Stream
{
    private long _end = RandomAccess.GetLength(file.Handle);
    private bool _closed;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => !_closed;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            RandomAccess.Write(file.Handle, buffer, _end);
            _end += buffer.Length;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw translate(error);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await RandomAccess.WriteAsync(file.Handle, buffer, _end, cancellationToken);
            _end += buffer.Length;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw translate(error);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_closed)
        {
            _closed = true;
            file.Volume.Sync.FileClosing(file.Handle);
            file.Handle.Dispose();
        }

        base.Dispose(disposing);
    }
}
