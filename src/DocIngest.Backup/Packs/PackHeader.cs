using System.Buffers.Binary;
using DocIngest.Backup.Crypto;

namespace DocIngest.Backup.Packs;

/// <summary>The list of its blobs at the end of a pack: sealed, and followed by its sealed length (restic-format 6).</summary>
internal static class PackHeader
{
    /// <summary>The length field after the sealed header.</summary>
    internal const int LengthBytes = sizeof(uint);

    /// <summary>What readers take.</summary>
    internal const int MaxSealedBytes = 16 * 1024 * 1024;

    /// <summary>Bytes a pack has besides its blobs and their entries.</summary>
    internal const int FixedBytes = MasterKey.Overhead + LengthBytes;

    private const int PlainEntryBytes = 1 + sizeof(uint) + Sha256Digest.SizeBytes;
    private const int CompressedEntryBytes = PlainEntryBytes + sizeof(uint);
    private const int CompressedMark = 2;
    private const int TreeMark = 1;

    /// <summary>The most blobs a header of every reader's limit has room for.</summary>
    internal const int MostEntries = (MaxSealedBytes - MasterKey.Overhead) / CompressedEntryBytes;

    internal static int EntryBytes(bool isCompressed) => isCompressed ? CompressedEntryBytes : PlainEntryBytes;

    /// <summary>What a blob adds to the size of a pack: itself and its entry.</summary>
    internal static long BytesOf(PackedBlob blob) => blob.Length + EntryBytes(blob.IsCompressed);

    /// <summary>The size a pack of these blobs must have: there is nothing between them.</summary>
    internal static long PackBytes(ReadOnlySpan<PackedBlob> blobs)
    {
        long total = FixedBytes;
        foreach (var blob in blobs)
            total += BytesOf(blob);
        return total;
    }

    /// <summary>Reads the opened header. Offsets follow from the lengths.</summary>
    /// <exception cref="InvalidDataException">Not a list of blobs, or one that goes beyond 4 GiB.</exception>
    internal static PackedBlob[] Read(ReadOnlySpan<byte> header)
    {
        var blobs = new List<PackedBlob>(header.Length / PlainEntryBytes);
        long offset = 0;
        while (!header.IsEmpty)
        {
            var blob = ReadEntry(header, offset);
            blobs.Add(blob);
            offset = blob.End;
            header = header[EntryBytes(header[0] >= CompressedMark)..];
        }

        return [.. blobs];
    }

    /// <summary>Writes the header to be sealed.</summary>
    /// <param name="blobs">In the order they lie in the pack.</param>
    /// <param name="header">Exactly as long as the entries.</param>
    internal static void Write(ReadOnlySpan<PackedBlob> blobs, Span<byte> header)
    {
        foreach (var blob in blobs)
        {
            header[0] = (byte)((blob.IsCompressed ? CompressedMark : 0) | (blob.Type is BlobType.Tree ? TreeMark : 0));
            BinaryPrimitives.WriteUInt32LittleEndian(header[1..], blob.Length);
            if (blob.IsCompressed)
                BinaryPrimitives.WriteUInt32LittleEndian(header[5..], blob.UncompressedLength);
            int length = EntryBytes(blob.IsCompressed);
            blob.Id.Digest.WriteTo(header[(length - Sha256Digest.SizeBytes)..]);
            header = header[length..];
        }
    }

    private static PackedBlob ReadEntry(ReadOnlySpan<byte> header, long offset)
    {
        byte kind = header[0];
        Demand(kind <= (CompressedMark | TreeMark), "The header of the pack names a kind of blob that is not known.");
        bool isCompressed = kind >= CompressedMark;
        int entry = EntryBytes(isCompressed);
        Demand(header.Length >= entry, "The header of the pack ends within an entry.");
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(header[1..]);
        Demand(length >= MasterKey.Overhead, "The header of the pack names a blob shorter than its seal.");
        Demand(offset + length <= uint.MaxValue, "The header of the pack names more than 4 GiB.");
        uint uncompressed = isCompressed ? BinaryPrimitives.ReadUInt32LittleEndian(header[5..]) : 0;
        Demand(isCompressed == (uncompressed != 0), "The header of the pack names a compressed blob of no content.");
        return new PackedBlob(
            (kind & TreeMark) != 0 ? BlobType.Tree : BlobType.Data,
            new BlobId(new Sha256Digest(header.Slice(entry - Sha256Digest.SizeBytes, Sha256Digest.SizeBytes))),
            (uint)offset,
            length,
            uncompressed);
    }

    private static void Demand(bool holds, string otherwise)
    {
        if (!holds)
            throw new InvalidDataException(otherwise);
    }
}
