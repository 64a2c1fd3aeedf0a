namespace DocIngest.Backup.Packs;

/// <summary>A blob as a pack's header and the index tell it.</summary>
/// <param name="Type">What it holds.</param>
/// <param name="Id">The hash of its plaintext.</param>
/// <param name="Offset">Where its sealed form begins in the pack.</param>
/// <param name="Length">Bytes of its sealed form.</param>
/// <param name="UncompressedLength">Bytes of its plaintext; 0 where it is not compressed.</param>
public readonly record struct PackedBlob(BlobType Type, BlobId Id, uint Offset, uint Length, uint UncompressedLength)
{
    /// <summary>Whether its plaintext is zstd inside the seal.</summary>
    public bool IsCompressed => UncompressedLength != 0;

    /// <summary>Bytes of its plaintext, as far as this description is right; negative where it cannot be.</summary>
    public long PlaintextLength => IsCompressed ? UncompressedLength : (long)Length - Crypto.MasterKey.Overhead;

    /// <summary>The first byte after it in the pack.</summary>
    public long End => (long)Offset + Length;
}
