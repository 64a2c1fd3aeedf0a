using System.Security.Cryptography;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Audit;

/// <summary>Takes the length and the SHA-256 of what is read through it. Does not own the inner stream.</summary>
internal sealed class MeasuredStream(Stream inner) : ReadOnlyStream
{
    private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Bytes read.</summary>
    public long Bytes { get; private set; }

    /// <summary>SHA-256 of them, in hexadecimal.</summary>
    public string Sha256 => Convert.ToHexStringLower(_digest.GetCurrentHash());

    /// <inheritdoc />
    public override int Read(Span<byte> buffer)
    {
        int read = inner.Read(buffer);
        _digest.AppendData(buffer[..read]);
        Bytes += read;
        return read;
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _digest.Dispose();
        }

        base.Dispose(disposing);
    }
}
