namespace DocIngest.Storage;

/// <summary>Writes a file from its present end on, without a buffer: what was written is visible to every reader at once.</summary>
/// <remarks>Who hands over much at once does not write it to read it soon: such a block goes past the page cache where the system can.</remarks>
internal sealed class LocalWriteStream(OpenedFile file, LocalSystem system, Func<Exception, Exception> translate) : WriteOnlyStream
{
    private const int LargeBytes = 2 * 1024 * 1024;

    private long _end = RandomAccess.GetLength(file.Handle);
    private bool _closed;

    public override bool CanWrite => !_closed;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            buffer = buffer[WriteAround(buffer)..];
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
            cancellationToken.ThrowIfCancellationRequested();
            buffer = buffer[WriteAround(buffer.Span)..];
            await RandomAccess.WriteAsync(file.Handle, buffer, _end, cancellationToken);
            _end += buffer.Length;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw translate(error);
        }
    }

    private int WriteAround(ReadOnlySpan<byte> buffer)
    {
        if (buffer.Length < LargeBytes)
            return 0;
        int written = system.WriteAround(file.Handle, buffer, _end);
        _end += written;
        return written;
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
