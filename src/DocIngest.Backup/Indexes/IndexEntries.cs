using DocIngest.Backup.Packs;

namespace DocIngest.Backup.Indexes;

/// <summary>A list that grows without moving what it holds: 48 bytes an entry, in blocks of 3 MiB.</summary>
/// <remarks>One thread adds; any may read what was added before.</remarks>
internal sealed class IndexEntries
{
    private const int BlockBits = 16;
    private const int BlockLength = 1 << BlockBits;
    private const int BlockMask = BlockLength - 1;
    private const int FirstLength = 64;   // most repositories of a test are tiny

    private volatile Stored[][] _blocks = [new Stored[FirstLength]];
    private volatile int _count;

    internal int Count => _count;

    internal ref readonly Stored this[int number] => ref _blocks[number >> BlockBits][number & BlockMask];

    /// <summary>Adds an entry and returns its number.</summary>
    internal int Add(Stored entry)
    {
        int number = _count;
        var blocks = _blocks;
        if (number == blocks.Length * (long)BlockLength)
            _blocks = blocks = [.. blocks, new Stored[BlockLength]];
        else if (number == blocks[^1].Length && blocks.Length == 1)
            _blocks = blocks = [Longer(blocks[0])];
        blocks[number >> BlockBits][number & BlockMask] = entry;
        _count = number + 1;
        return number;
    }

    private static Stored[] Longer(Stored[] block)
    {
        var longer = new Stored[block.Length * 2];
        block.CopyTo(longer, 0);
        return longer;
    }

    /// <summary>An entry as it lies in memory.</summary>
    internal readonly struct Stored(int packNumber, PackedBlob blob)
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
}
