using System.Security.Cryptography;

namespace DocIngest.Archive;

/// <summary>
/// Writes one content file of a staged version and hashes it on the way. Only <see cref="Complete"/> makes it part of the
/// version; disposing without it removes the file, so that an error half-way files nothing half.
/// </summary>
public sealed class ContentStream : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
    private readonly Stream _file;
    private readonly Action<Sha512Digest?> _ended;
    private long _sizeBytes;
    private bool _isEnded;

    internal ContentStream(Stream file, Action<Sha512Digest?> ended)
    {
        _file = file;
        _ended = ended;
    }

    /// <inheritdoc />
    public override bool CanRead => false;

    /// <inheritdoc />
    public override bool CanSeek => false;

    /// <inheritdoc />
    public override bool CanWrite => !_isEnded;

    /// <inheritdoc />
    public override long Length => _sizeBytes;

    /// <inheritdoc />
    public override long Position
    {
        get => _sizeBytes;
        set => throw new NotSupportedException("Content is written from its beginning to its end.");
    }

    /// <summary>Closes the file and makes it part of the version. The bytes are durable after the flush that commits the version.</summary>
    /// <returns>The digest of what was written.</returns>
    /// <exception cref="ObjectDisposedException">Completed or disposed before.</exception>
    public Sha512Digest Complete()
    {
        ObjectDisposedException.ThrowIf(_isEnded, this);
        var digest = Sha512Digest.FromBytes(_hash.GetHashAndReset());
        _file.Dispose();   // may still fail; then the version does not have it
        End(digest);
        return digest;
    }

    /// <inheritdoc />
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_isEnded, this);
        _file.Write(buffer);
        _hash.AppendData(buffer);
        _sizeBytes += buffer.Length;
    }

    /// <inheritdoc />
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc />
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isEnded, this);
        await _file.WriteAsync(buffer, cancellationToken);
        _hash.AppendData(buffer.Span);
        _sizeBytes += buffer.Length;
    }

    /// <inheritdoc />
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc />
    public override void Flush() => _file.Flush();

    /// <inheritdoc />
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc />
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isEnded)
        {
            _file.Dispose();
            End(digest: null);
        }

        base.Dispose(disposing);
    }

    private void End(Sha512Digest? digest)
    {
        _isEnded = true;
        _hash.Dispose();
        _ended(digest);
    }
}
