using DocIngest.Storage;
using System.Security.Cryptography;

namespace DocIngest.Archive;

/// <summary>
/// Reads a content file and hashes what passes. The read that meets the end throws <see cref="FixityException"/> where the
/// bytes were not the promised ones; a reader that stops early has checked nothing.
/// </summary>
internal sealed class VerifyingStream(Stream content, string path, Sha512Digest expected) : ReadOnlyStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
    private long _position;
    private bool _ended;

    public override long Length => content.Length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException("Verified content is read from its beginning to its end.");
    }

    public override int Read(Span<byte> buffer)
    {
        int read = content.Read(buffer);
        Account(buffer[..read], atEnd: read == 0 && !buffer.IsEmpty);
        return read;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await content.ReadAsync(buffer, cancellationToken);
        Account(buffer.Span[..read], atEnd: read == 0 && !buffer.IsEmpty);
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            content.Dispose();
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Account(ReadOnlySpan<byte> passed, bool atEnd)
    {
        _hash.AppendData(passed);
        _position += passed.Length;
        if (!atEnd || _ended)
        {
            return;
        }

        Span<byte> hash = stackalloc byte[SHA512.HashSizeInBytes];
        _hash.GetCurrentHash(hash);
        var actual = Sha512Digest.FromBytes(hash);
        if (actual != expected)
        {
            throw new FixityException(path, expected, actual);   // and again on the next read: _ended stays false
        }

        _ended = true;
    }
}
