using DocIngest.Backup.Packs;

namespace DocIngest.Backup.Indexes;

/// <summary>An entry of the index as it lies in memory: 48 bytes.</summary>
internal readonly struct StoredEntry(int packNumber, PackedBlob blob)
{
    private const uint TreeBit = 1u << 31;

    private readonly uint _packAndType = (uint)packNumber | (blob.Type is BlobType.Tree ? TreeBit : 0);
    private readonly uint _offset = blob.Offset;
    private readonly uint _length = blob.Length;
    private readonly uint _uncompressedLength = blob.UncompressedLength;

    internal BlobId Id { get; } = blob.Id;

    internal BlobType Type => (_packAndType & TreeBit) != 0 ? BlobType.Tree : BlobType.Data;

    internal int PackNumber => (int)(_packAndType & ~TreeBit);

    internal PackedBlob ToBlob() => new(Type, Id, _offset, _length, _uncompressedLength);
}
