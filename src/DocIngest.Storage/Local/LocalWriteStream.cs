namespace DocIngest.Storage;

/// <summary>Writes a file from its present end on, without a buffer: what was written is visible to every reader at once.</summary>
internal sealed class LocalWriteStream(OpenedFile file, Func<Exception, Exception> translate) : WriteOnlyStream
{
    private long _end = RandomAccess.GetLength(file.Handle);
    private bool _closed;

    public override bool CanWrite => !_closed;

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
