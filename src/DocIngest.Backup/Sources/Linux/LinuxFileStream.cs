using DocIngest.Storage;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Backup.Sources.Linux;

/// <summary>Reads a regular file without a buffer of its own. The local disk is synchronous, and so is this.</summary>
/// <param name="file">Taken over.</param>
internal sealed class LinuxFileStream(SafeFileHandle file) : ReadOnlyStream
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
            throw new StorageUnavailableException("Cannot read a file.", error);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            file.Dispose();
        base.Dispose(disposing);
    }
}
