namespace DocIngest.Pipeline.Formats;

/// <summary>How a walk along the chain of directories of a TIFF ended.</summary>
internal enum TiffChainEnd
{
    /// <summary>The last directory names no next one, and all that was asked for lies within the file.</summary>
    Closed,

    /// <summary>An offset or a length points beyond the end of the file.</summary>
    Torn,

    /// <summary>No TIFF header, a directory without entries, or a loop.</summary>
    Malformed,

    /// <summary>More directories, or more reads, than the walk may spend.</summary>
    LimitReached,
}

/// <summary>One image of a TIFF.</summary>
/// <param name="Width">Pixels; 0 where not stated.</param>
/// <param name="Height">Pixels; 0 where not stated.</param>
/// <param name="IsReduced">A thumbnail of another image in the file (NewSubfileType bit 0), no page.</param>
internal readonly record struct TiffDirectory(long Width, long Height, bool IsReduced);

/// <summary>
/// Walks the directories (pages) of a classic or Big TIFF within bounds. Each directory is one page unless it calls itself a
/// reduced copy of another.
/// </summary>
/// <remarks>TIFF 6.0, section 2; BigTIFF as in libtiff. Follows the main chain only: SubIFDs hold no pages.</remarks>
internal sealed class TiffDirectories
{
    private const ushort NewSubfileType = 254;
    private const ushort ImageWidth = 256;
    private const ushort ImageLength = 257;
    private const ushort StripOffsets = 273;
    private const ushort StripByteCounts = 279;
    private const ushort TileOffsets = 324;
    private const ushort TileByteCounts = 325;

    private readonly BudgetedFile _file;
    private readonly HashSet<long> _visited = [];   // never more than the walk's own limit
    private readonly bool _checkData;
    private bool _big;

    private TiffDirectories(BudgetedFile file, bool checkData)
    {
        _file = file;
        _checkData = checkData;
    }

    /// <summary>Walks the chain.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="maxDirectories">Directories after which the walk stops.</param>
    /// <param name="checkData">Whether every value, strip and tile must lie within the file.</param>
    /// <param name="found">Told of each directory in turn, before the next is looked at; null where only the end matters.</param>
    public static TiffChainEnd Walk(BudgetedFile file, int maxDirectories, bool checkData, Action<TiffDirectory>? found)
    {
        var walk = new TiffDirectories(file, checkData);
        var end = walk.Follow(maxDirectories, found);
        return end is TiffChainEnd.Torn or TiffChainEnd.Malformed && file.Spent ? TiffChainEnd.LimitReached : end;
    }

    private TiffChainEnd Follow(int maxDirectories, Action<TiffDirectory>? found)
    {
        if (!TryReadHeader(out long directory))
        {
            return _file.Length < 8 ? TiffChainEnd.Torn : TiffChainEnd.Malformed;
        }

        if (directory == 0)
        {
            return TiffChainEnd.Malformed;
        }

        for (int count = 0; directory != 0; count++)
        {
            if (count == maxDirectories)
            {
                return TiffChainEnd.LimitReached;
            }

            if (!_visited.Add(directory))
            {
                return TiffChainEnd.Malformed;
            }

            var end = ReadDirectory(directory, out var page, out directory);
            if (end != TiffChainEnd.Closed)
            {
                return end;
            }

            found?.Invoke(page);
        }

        return TiffChainEnd.Closed;
    }

    private bool TryReadHeader(out long first)
    {
        first = 0;
        Span<byte> order = stackalloc byte[2];
        if (!_file.TryRead(0, order))
        {
            return false;
        }

        _file.BigEndian = order.SequenceEqual("MM"u8);
        if ((!_file.BigEndian && !order.SequenceEqual("II"u8)) || !_file.TryReadUInt16(2, out ushort version))
        {
            return false;
        }

        _big = version == 43;
        if (_big)
        {
            return _file.TryReadUInt32(4, out _) && _file.TryReadLength64(8, out first);
        }

        bool read = _file.TryReadUInt32(4, out uint offset);
        first = offset;
        return read && version == 42;
    }

    private TiffChainEnd ReadDirectory(long at, out TiffDirectory page, out long next)
    {
        page = default;
        if (!TryReadCount(at, out long entries, out long position))
        {
            next = 0;
            return TiffChainEnd.Torn;
        }

        // 16 bits in both kinds: no writer has more, and BigTIFF's 64 would be a way to keep us busy.
        next = 0;
        if (entries is 0 or > ushort.MaxValue)
        {
            return TiffChainEnd.Malformed;
        }

        Entry offsets = default;
        Entry counts = default;
        for (long index = 0; index < entries; index++, position += EntryBytes)
        {
            if (!TryReadEntry(position, out var entry) || (_checkData && !_file.Holds(entry.ValueAt, entry.ValueBytes)))
            {
                return TiffChainEnd.Torn;
            }

            switch (entry.Tag)
            {
                case NewSubfileType:
                    page = page with { IsReduced = TryReadValue(entry, 0, out long kind) && (kind & 1) != 0 };
                    break;
                case ImageWidth:
                    page = page with { Width = TryReadValue(entry, 0, out long width) ? width : 0 };
                    break;
                case ImageLength:
                    page = page with { Height = TryReadValue(entry, 0, out long height) ? height : 0 };
                    break;
                case StripOffsets or TileOffsets:
                    offsets = entry;
                    break;
                case StripByteCounts or TileByteCounts:
                    counts = entry;
                    break;
            }
        }

        return !TryReadOffset(position, out next) || (_checkData && !HoldsPixels(offsets, counts))
            ? TiffChainEnd.Torn
            : TiffChainEnd.Closed;
    }

    private int EntryBytes => _big ? 20 : 12;

    private bool TryReadCount(long at, out long count, out long firstEntry)
    {
        if (_big)
        {
            firstEntry = at + 8;
            return _file.TryReadLength64(at, out count);
        }

        bool read = _file.TryReadUInt16(at, out ushort small);
        count = small;
        firstEntry = at + 2;
        return read;
    }

    private bool TryReadEntry(long at, out Entry entry)
    {
        entry = default;
        if (!_file.TryReadUInt16(at, out ushort tag) || !_file.TryReadUInt16(at + 2, out ushort type))
        {
            return false;
        }

        long count;
        if (_big)
        {
            if (!_file.TryReadLength64(at + 4, out count))
            {
                return false;
            }
        }
        else
        {
            if (!_file.TryReadUInt32(at + 4, out uint small))
            {
                return false;
            }

            count = small;
        }

        int itemBytes = ItemBytes(type);
        long bytes = count <= long.MaxValue / 8 ? count * itemBytes : long.MaxValue;
        long valueAt = at + (_big ? 12 : 8);
        if (bytes > (_big ? 8 : 4) && !TryReadOffset(valueAt, out valueAt))
        {
            return false;
        }

        entry = new Entry(tag, itemBytes, count, valueAt, bytes);
        return true;
    }

    private bool TryReadOffset(long at, out long offset)
    {
        if (_big)
        {
            return _file.TryReadLength64(at, out offset);
        }

        bool read = _file.TryReadUInt32(at, out uint small);
        offset = small;
        return read;
    }

    private bool TryReadValue(Entry entry, long index, out long value)
    {
        value = 0;
        if (index >= entry.Count)
        {
            return false;
        }

        long at = entry.ValueAt + (index * entry.ItemBytes);
        switch (entry.ItemBytes)
        {
            case 2:
                bool readShort = _file.TryReadUInt16(at, out ushort two);
                value = two;
                return readShort;
            case 4:
                bool readLong = _file.TryReadUInt32(at, out uint four);
                value = four;
                return readLong;
            case 8:
                return _file.TryReadLength64(at, out value);
            default:
                return false;
        }
    }

    /// <summary>Without byte counts (old writers leave them out) only the beginnings of the strips can be checked.</summary>
    private bool HoldsPixels(Entry offsets, Entry counts)
    {
        for (long index = 0; index < offsets.Count; index++)
        {
            if (!TryReadValue(offsets, index, out long offset))
            {
                return false;
            }

            long length = index < counts.Count && TryReadValue(counts, index, out long stated) ? stated : 1;
            if (_file.Spent || (length > 0 && !_file.Holds(offset, length)))
            {
                return false;
            }
        }

        return true;
    }

    private static int ItemBytes(ushort type) => type switch
    {
        1 or 2 or 6 or 7 => 1,
        3 or 8 => 2,
        4 or 9 or 11 or 13 => 4,
        5 or 10 or 12 or 16 or 17 or 18 => 8,
        _ => 0,   // a type of the future: its value cannot be judged
    };

    private readonly record struct Entry(ushort Tag, int ItemBytes, long Count, long ValueAt, long ValueBytes);
}
