using Microsoft.Win32.SafeHandles;

namespace DocIngest.Storage;

/// <summary>Reads a file without a buffer of its own. Errors are storage errors.</summary>
internal sealed class LocalReadStream(SafeFileHandle file, Func<Exception, Exception> translate) : ReadOnlyStream
{
    private long _position;

    public override bool CanRead => !file.IsClosed;

    public override bool CanSeek => !file.IsClosed;

    public override long Length => RandomAccess.GetLength(file);

    public override long Position
    {
        get => _position;
        set => _position = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    public override int Read(Span<byte> buffer)
    {
        try
        {
            int read = RandomAccess.Read(file, buffer, _position);
            _position += read;
            return read;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw translate(error);
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            int read = await RandomAccess.ReadAsync(file, buffer, _position, cancellationToken);
            _position += read;
            return read;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw translate(error);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            file.Dispose();
        base.Dispose(disposing);
    }
}
