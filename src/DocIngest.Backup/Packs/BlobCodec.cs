using DocIngest.Backup.Compression;
using DocIngest.Backup.Crypto;

namespace DocIngest.Backup.Packs;

/// <summary>Turns plaintext into what lies in a pack, and back (restic-format 0, 5.1, 6).</summary>
/// <remarks>May be used from several threads.</remarks>
internal sealed class BlobCodec : IDisposable
{
    private const int FewestBytesToSample = 64 * 1024;
    private const int Samples = 3;
    private const int SampleBytes = 8 * 1024;
    private const int WorthwhileBytes = SampleBytes * 97 / 100;

    private readonly MasterKey _key;
    private readonly ZstdCompressor? _data;
    private readonly ZstdCompressor? _trees;

    /// <param name="key">The master key; stays the caller's.</param>
    /// <param name="compression">How hard data is compressed. Trees are compressed even where data is not.</param>
    /// <param name="version">Of the repository: version 1 knows no compression.</param>
    internal BlobCodec(MasterKey key, CompressionMode compression, int version)
    {
        _key = key;
        if (version < 2)
            return;
        _trees = new ZstdCompressor(compression.Level() ?? ZstdCompressor.FastestLevel);
        _data = compression.Level() is null ? null : _trees;
    }

    /// <summary>Bytes that no sealed blob of so much plaintext exceeds, and that encoding needs meanwhile.</summary>
    internal static int MaxSealedBytes(int plaintextLength) => ZstdCompressor.Bound(plaintextLength) + MasterKey.Overhead;

    /// <summary>Compresses where that makes it smaller, and seals.</summary>
    /// <param name="type">Trees stay compressed in any case: restic would repack others.</param>
    /// <param name="plaintext">Not empty: an empty file has no blobs.</param>
    /// <param name="output">At least <see cref="MaxSealedBytes"/>.</param>
    internal EncodedBlob Encode(BlobType type, ReadOnlySpan<byte> plaintext, Span<byte> output)
    {
        ArgumentOutOfRangeException.ThrowIfZero(plaintext.Length);
        var room = output[MasterKey.NonceBytes..];
        if ((type is BlobType.Tree ? _trees : _data) is { } compressor && !LooksIncompressible(type, plaintext, compressor))
        {
            int compressed = compressor.Compress(plaintext, room);
            if (compressed < plaintext.Length || type is BlobType.Tree)
            {
                _key.Seal(room[..compressed], output[..(compressed + MasterKey.Overhead)]);
                return new EncodedBlob(compressed + MasterKey.Overhead, plaintext.Length);
            }
        }

        _key.Seal(plaintext, output[..(plaintext.Length + MasterKey.Overhead)]);
        return new EncodedBlob(plaintext.Length + MasterKey.Overhead, 0);
    }

    /// <summary>Scans and most documents are compressed already. Three small samples tell, at a hundredth of the cost of trying all of it.</summary>
    private static bool LooksIncompressible(BlobType type, ReadOnlySpan<byte> plaintext, ZstdCompressor compressor)
    {
        if (type is BlobType.Tree || plaintext.Length < FewestBytesToSample)
            return false;
        using var frame = PooledBytes.Rent(ZstdCompressor.Bound(SampleBytes));
        for (int sample = 0; sample < Samples; sample++)
        {
            int at = (int)((long)(plaintext.Length - SampleBytes) * sample / (Samples - 1));
            if (compressor.Compress(plaintext.Slice(at, SampleBytes), frame.Span) < WorthwhileBytes)
                return false;
        }

        return true;
    }

    /// <summary>Opens, decompresses and holds against the id. The length that header and index tell is not needed, and not believed.</summary>
    /// <param name="key">The master key.</param>
    /// <param name="id">What the plaintext must hash to.</param>
    /// <param name="isCompressed">Whether header or index say so.</param>
    /// <param name="input">The sealed blob. Its memory is not changed.</param>
    /// <exception cref="InvalidDataException">Not authentic, malformed, or other content.</exception>
    internal static PooledBytes Decode(MasterKey key, BlobId id, bool isCompressed, ReadOnlySpan<byte> input)
    {
        var plaintext = DecodeUnchecked(key, isCompressed, input);
        if (BlobId.Of(plaintext.Span) == id)
            return plaintext;
        plaintext.Dispose();
        throw new InvalidDataException("The content of the blob is not what its id says.");
    }

    /// <summary>As <see cref="Decode"/>, for memory that nobody needs sealed any more: what is not compressed is opened where it lies.</summary>
    /// <param name="key">The master key.</param>
    /// <param name="id">What the plaintext must hash to.</param>
    /// <param name="isCompressed">Whether header or index say so.</param>
    /// <param name="input">The sealed blob. Holds anything afterwards.</param>
    /// <param name="plaintext">Lies within <paramref name="input"/> or within what is returned.</param>
    /// <returns>Memory to give back once the plaintext is used; null where there is none.</returns>
    /// <exception cref="InvalidDataException">Not authentic, malformed, or other content.</exception>
    internal static PooledBytes? DecodeInPlace(MasterKey key, BlobId id, bool isCompressed, Memory<byte> input, out ReadOnlyMemory<byte> plaintext)
    {
        if (input.Length < MasterKey.Overhead)
            throw new InvalidDataException("The blob is shorter than its seal.");
        var opened = input[MasterKey.NonceBytes..^(MasterKey.Overhead - MasterKey.NonceBytes)];
        if (!key.TryOpen(input.Span, opened.Span))
            throw new InvalidDataException("The blob is not authentic.");
        var content = isCompressed ? Zstd.Decompress(opened.Span, Array.MaxLength) : null;
        plaintext = content?.Memory ?? opened;
        if (BlobId.Of(plaintext.Span) == id)
            return content;
        content?.Dispose();
        throw new InvalidDataException("The content of the blob is not what its id says.");
    }

    /// <summary>Makes sure that a blob reads as it was given, byte for byte, before anybody relies on it.</summary>
    /// <exception cref="UnsoundEncodingException">It does not.</exception>
    internal void Verify(ReadOnlySpan<byte> plaintext, EncodedBlob encoded, ReadOnlySpan<byte> output)
    {
        if (!ReadsAs(plaintext, encoded, output))
            throw new UnsoundEncodingException("A blob");
    }

    /// <summary>Whether a blob that was read from a pack is what its header says.</summary>
    internal bool IsWhole(BlobId id, EncodedBlob encoded, ReadOnlySpan<byte> sealedBlob)
    {
        try
        {
            using var plaintext = Decode(_key, id, encoded.UncompressedLength != 0, sealedBlob[..encoded.SealedLength]);
            return encoded.UncompressedLength == 0 || encoded.UncompressedLength == plaintext.Length;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private bool ReadsAs(ReadOnlySpan<byte> plaintext, EncodedBlob encoded, ReadOnlySpan<byte> output)
    {
        try
        {
            using var again = DecodeUnchecked(_key, encoded.UncompressedLength != 0, output[..encoded.SealedLength]);
            return again.Span.SequenceEqual(plaintext) && (encoded.UncompressedLength == 0 || encoded.UncompressedLength == plaintext.Length);
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>The compressors' memory goes; the key stays.</summary>
    public void Dispose() => _trees?.Dispose();

    private static PooledBytes DecodeUnchecked(MasterKey key, bool isCompressed, ReadOnlySpan<byte> input)
    {
        if (input.Length < MasterKey.Overhead)
            throw new InvalidDataException("The blob is shorter than its seal.");
        var opened = PooledBytes.Rent(input.Length - MasterKey.Overhead);
        try
        {
            if (!key.TryOpen(input, opened.Span))
                throw new InvalidDataException("The blob is not authentic.");
            if (!isCompressed)
                return opened;
            var content = Zstd.Decompress(opened.Span, Array.MaxLength);
            opened.Dispose();
            return content;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }
}

/// <summary>What became of a plaintext.</summary>
/// <param name="SealedLength">Bytes of its sealed form.</param>
/// <param name="UncompressedLength">Bytes of the plaintext where it was compressed, else 0.</param>
internal readonly record struct EncodedBlob(int SealedLength, int UncompressedLength);
