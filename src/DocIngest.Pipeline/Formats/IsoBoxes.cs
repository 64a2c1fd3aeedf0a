namespace DocIngest.Pipeline.Formats;

/// <summary>One box of a file made of boxes (ISO/IEC 14496-12, 4.2; ISO/IEC 15444-1, I.4).</summary>
/// <param name="Type">Four characters as a big-endian number.</param>
/// <param name="ContentAt">Where its content begins.</param>
/// <param name="End">Behind its last byte, as stated: it may lie beyond the file.</param>
/// <param name="IsOpen">It runs to the end of the file, however long that is.</param>
internal readonly record struct IsoBox(uint Type, long ContentAt, long End, bool IsOpen)
{
    /// <summary>Reads the header of a box.</summary>
    /// <param name="file">Set to big-endian.</param>
    /// <param name="at">Where the box begins.</param>
    /// <param name="limit">End of what contains it.</param>
    /// <param name="box">The box.</param>
    /// <returns>False where there is no whole header, or its length makes no sense.</returns>
    public static bool TryRead(BudgetedFile file, long at, long limit, out IsoBox box)
    {
        box = default;
        if (!file.TryReadUInt32(at, out uint stated) || !file.TryReadUInt32(at + 4, out uint type))
        {
            return false;
        }

        long length = stated;
        int header = 8;
        if (stated == 1)
        {
            header = 16;
            if (!file.TryReadLength64(at + 8, out length))
            {
                return false;
            }
        }

        bool open = stated == 0;
        if (open)
        {
            length = limit - at;
        }

        if (length < header || length > long.MaxValue - at)
        {
            return false;
        }

        box = new IsoBox(type, at + header, at + length, open);
        return true;
    }
}
