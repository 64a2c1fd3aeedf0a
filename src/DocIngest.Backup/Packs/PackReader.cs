using System.Buffers.Binary;
using DocIngest.Backup.Crypto;
using DocIngest.Backup.Stores;

namespace DocIngest.Backup.Packs;

/// <summary>Reads what a pack says of itself. Believes no length before it was held against the size of the file.</summary>
internal static class PackReader
{
    /// <summary>Read at first: room for a hundred blobs, which is more than most packs have.</summary>
    private const int TailBytes = 4096;

    /// <summary>The blobs of a pack, by its own header, fetched from the store.</summary>
    /// <exception cref="DamagedRepositoryException">The pack is too short, or its header is not authentic or malformed.</exception>
    internal static async Task<PackedBlob[]> ReadHeaderAsync(
        IRepositoryStore store, MasterKey key, StoredFile pack, CancellationToken cancellation)
    {
        using var tail = PooledBytes.Rent((int)Math.Min(TailBytes, pack.SizeBytes));
        await store.ReadAsync(FileKind.Pack, pack.Id, pack.SizeBytes - tail.Length, tail.Memory, cancellation);
        int length = HeaderLength(pack, tail.Span);
        if (length <= tail.Length - PackHeader.LengthBytes)
            return Open(pack.Id, key, tail.Span[^(length + PackHeader.LengthBytes)..^PackHeader.LengthBytes]);

        using var header = PooledBytes.Rent(length);
        await store.ReadAsync(FileKind.Pack, pack.Id, pack.SizeBytes - PackHeader.LengthBytes - length, header.Memory, cancellation);
        return Open(pack.Id, key, header.Span);
    }

    /// <summary>As <see cref="ReadHeaderAsync"/>, for a pack that is in memory whole.</summary>
    internal static PackedBlob[] ReadHeader(FileId pack, MasterKey key, ReadOnlySpan<byte> content)
    {
        int length = HeaderLength(new StoredFile(pack, content.Length), content);
        return Open(pack, key, content[^(length + PackHeader.LengthBytes)..^PackHeader.LengthBytes]);
    }

    private static int HeaderLength(StoredFile pack, ReadOnlySpan<byte> tail)
    {
        if (tail.Length < PackHeader.FixedBytes)
            throw new DamagedRepositoryException(FileKind.Pack, pack.Id, "the file is too short for a pack.");
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(tail[^PackHeader.LengthBytes..]);
        if (length < MasterKey.Overhead || length > pack.SizeBytes - PackHeader.LengthBytes || length > PackHeader.MaxSealedBytes)
            throw new DamagedRepositoryException(FileKind.Pack, pack.Id, $"the header cannot have {length} bytes.");
        return (int)length;
    }

    private static PackedBlob[] Open(FileId pack, MasterKey key, ReadOnlySpan<byte> sealedHeader)
    {
        using var header = PooledBytes.Rent(sealedHeader.Length - MasterKey.Overhead);
        if (!key.TryOpen(sealedHeader, header.Span))
            throw new DamagedRepositoryException(FileKind.Pack, pack, "the header is not authentic.");
        try
        {
            return PackHeader.Read(header.Span);
        }
        catch (InvalidDataException error)
        {
            throw new DamagedRepositoryException(FileKind.Pack, pack, error.Message, error);
        }
    }
}
