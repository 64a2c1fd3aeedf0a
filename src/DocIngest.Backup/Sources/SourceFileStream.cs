using DocIngest.Storage;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Backup.Sources;

/// <summary>Reads a regular file without a buffer of its own. The local disk is synchronous, and so is this.</summary>
/// <param name="file">Taken over.</param>
/// <param name="translate">Says what an error of the system means.</param>
internal sealed class SourceFileStream(SafeFileHandle file, Func<Exception, StorageException> translate) : ReadOnlyStream
{
    private long _position;

    public override bool CanRead => !file.IsClosed;

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

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            file.Dispose();
        base.Dispose(disposing);
    }
}
