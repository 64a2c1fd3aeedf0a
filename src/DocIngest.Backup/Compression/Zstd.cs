using System.Security.Cryptography;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace DocIngest.Backup.Compression;

/// <summary>Decompresses any zstd data that restic reads: one frame or several, with or without content size and checksum (restic-format 5.1).</summary>
internal static class Zstd
{
    /// <summary>The most content a block can have, and the fewest bytes such a block takes (RFC 8878, 3.1.1.2).</summary>
    private const long BlockContentBytes = 128 * 1024;
    private const int BlockBytes = 4;

    private const int PieceBytes = 256 * 1024;

    private static readonly IdlePool<Decompressor> Idle = new(() => new Decompressor());

    /// <summary>How much content there can be at most; exactly as much where the frames say so.</summary>
    /// <exception cref="InvalidDataException">No zstd data, or it declares more than so few bytes can hold.</exception>
    internal static unsafe long ContentBound(ReadOnlySpan<byte> frames)
    {
        ulong bound;
        fixed (byte* at = frames)
            bound = Methods.ZSTD_decompressBound(at, (nuint)frames.Length);
        if (bound == unchecked(0UL - 2))
            throw new InvalidDataException("The compressed data is malformed.");
        long possible = Math.Max(1, frames.Length / BlockBytes) * BlockContentBytes;
        return bound <= (ulong)possible
            ? (long)bound
            : throw new InvalidDataException("The compressed data declares more content than it can hold.");
    }

    /// <summary>Decompresses into new memory, which is rented only after the size was found to be possible and allowed.</summary>
    /// <param name="frames">From a file.</param>
    /// <param name="maxBytes">The most content the caller takes.</param>
    /// <exception cref="InvalidDataException">Malformed, or more than <paramref name="maxBytes"/>.</exception>
    internal static PooledBytes Decompress(ReadOnlySpan<byte> frames, int maxBytes)
    {
        long bound = ContentBound(frames);
        if (bound > maxBytes)
            throw new InvalidDataException($"The compressed data has {bound} bytes of content; at most {maxBytes} are taken.");
        var content = PooledBytes.Rent((int)bound);
        try
        {
            content.Shorten(Decompress(frames, content.Span));
            return content;
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    /// <summary>Decompresses into given memory and returns how much there was.</summary>
    /// <exception cref="InvalidDataException">Malformed, or more than <paramref name="content"/> takes.</exception>
    internal static int Decompress(ReadOnlySpan<byte> frames, Span<byte> content)
    {
        var decompressor = Idle.Take();
        try
        {
            return decompressor.TryUnwrap(frames, content, out int length)
                ? length
                : throw new InvalidDataException("The compressed data has more content than it declares.");
        }
        catch (ZstdException error)
        {
            throw new InvalidDataException("The compressed data is malformed.", error);
        }
        finally
        {
            Idle.Return(decompressor);
        }
    }

    /// <summary>Hashes the content without having it in memory, however much there is.</summary>
    /// <param name="frames">From a file. Needs up to 128 MiB for the window that they ask for.</param>
    /// <param name="maxBytes">The most content the caller takes.</param>
    /// <param name="length">How much content there was.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="InvalidDataException">Malformed, or more than <paramref name="maxBytes"/>, or a larger window.</exception>
    internal static Sha256Digest Hash(ArraySegment<byte> frames, long maxBytes, out long length, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var content = new DecompressionStream(new MemoryStream(frames.Array ?? [], frames.Offset, frames.Count));
        byte[] piece = new byte[PieceBytes];
        length = 0;
        try
        {
            for (int read; (read = content.Read(piece, 0, piece.Length)) > 0;)
            {
                cancellation.ThrowIfCancellationRequested();
                length += read;
                if (length > maxBytes)
                    throw new InvalidDataException($"The compressed data has more than {maxBytes} bytes of content.");
                hash.AppendData(piece, 0, read);
            }
        }
        catch (Exception error) when (error is ZstdException or EndOfStreamException)
        {
            throw new InvalidDataException("The compressed data is malformed.", error);
        }

        return new Sha256Digest(hash.GetHashAndReset());
    }
}
