using DocIngest.Backup.Compression;
using DocIngest.Backup.Crypto;

namespace DocIngest.Backup.Repositories;

/// <summary>Index, snapshot and lock files: JSON, in version 2 compressed behind a mark, sealed as a whole (restic-format 5).</summary>
/// <param name="key">Seals them.</param>
/// <param name="version">Of the repository.</param>
internal sealed class UnpackedCodec(MasterKey key, int version) : IDisposable
{
    /// <summary>Far above any index: restic splits them at half a million blobs.</summary>
    internal const int MaxBytes = 1024 * 1024 * 1024;

    private const byte CompressedMark = 2;
    private const int Level = 3;   // small files, read by every later run

    private readonly ZstdCompressor _compressor = new(Level);

    /// <summary>Seals a document, and makes sure that it can be read again.</summary>
    /// <exception cref="UnsoundEncodingException">It cannot.</exception>
    internal byte[] Encode(ReadOnlySpan<byte> json)
    {
        using var payload = version == 1 ? Plain(json) : Compressed(json);
        byte[] stored = new byte[payload.Length + MasterKey.Overhead];
        key.Seal(payload.Span, stored);
        Verify(json, stored);
        return stored;
    }

    /// <summary>Makes sure that a sealed document reads as it was given.</summary>
    /// <exception cref="UnsoundEncodingException">It does not.</exception>
    internal void Verify(ReadOnlySpan<byte> json, ReadOnlySpan<byte> stored)
    {
        const string What = "A new index, snapshot or lock file";
        try
        {
            using var again = Decode(stored);
            if (!again.Span.SequenceEqual(json))
                throw new UnsoundEncodingException(What);
        }
        catch (InvalidDataException error)
        {
            throw new UnsoundEncodingException(What, error);
        }
    }

    /// <exception cref="InvalidDataException">Not authentic, or of no known form.</exception>
    internal PooledBytes Decode(ReadOnlySpan<byte> stored)
    {
        if (stored.Length < MasterKey.Overhead)
            throw new InvalidDataException("The file is shorter than its seal.");
        var payload = PooledBytes.Rent(stored.Length - MasterKey.Overhead);
        try
        {
            if (!key.TryOpen(stored, payload.Span))
                throw new InvalidDataException("The file is not authentic.");
            if (version == 1 || payload.Span is [] or [(byte)'{' or (byte)'[', ..])
                return payload;
            if (payload.Span[0] != CompressedMark)
                throw new InvalidDataException("The file has an unknown form.");
            var json = Zstd.Decompress(payload.Span[1..], MaxBytes);
            payload.Dispose();
            return json;
        }
        catch
        {
            payload.Dispose();
            throw;
        }
    }

    public void Dispose() => _compressor.Dispose();

    private static PooledBytes Plain(ReadOnlySpan<byte> json)
    {
        var payload = PooledBytes.Rent(json.Length);
        json.CopyTo(payload.Span);
        return payload;
    }

    private PooledBytes Compressed(ReadOnlySpan<byte> json)
    {
        var payload = PooledBytes.Rent(1 + ZstdCompressor.Bound(json.Length));
        payload.Span[0] = CompressedMark;
        payload.Shorten(1 + _compressor.Compress(json, payload.Span[1..]));
        return payload;
    }
}
