namespace DocIngest.Backup.Indexes;

/// <summary>A list that grows without moving what it holds, in blocks, so that growing never needs twice the memory.</summary>
/// <remarks>One thread adds; any may read what was added before.</remarks>
internal sealed class GrowingList<T>
{
    private const int BlockBits = 14;
    private const int BlockLength = 1 << BlockBits;
    private const int BlockMask = BlockLength - 1;
    private const int FirstLength = 64;   // most repositories of a test are tiny

    private volatile T[][] _blocks = [new T[FirstLength]];
    private volatile int _count;

    internal int Count => _count;

    internal ref readonly T this[int number] => ref _blocks[number >> BlockBits][number & BlockMask];

    /// <summary>Adds an item and returns its number.</summary>
    internal int Add(T item)
    {
        int number = _count;
        var blocks = _blocks;
        if (number == blocks.Length * (long)BlockLength)
            _blocks = blocks = [.. blocks, new T[BlockLength]];
        else if (number == blocks[0].Length)
            _blocks = blocks = [Longer(blocks[0])];
        blocks[number >> BlockBits][number & BlockMask] = item;
        _count = number + 1;
        return number;
    }

    private static T[] Longer(T[] block)
    {
        var longer = new T[block.Length * 2];
        block.CopyTo(longer, 0);
        return longer;
    }
}
