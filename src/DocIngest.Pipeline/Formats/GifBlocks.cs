namespace DocIngest.Pipeline.Formats;

/// <summary>Walks the blocks of a GIF within bounds (GIF89a specification, 12 to 27).</summary>
internal static class GifBlocks
{
    private const byte Extension = 0x21;
    private const byte ImageDescriptor = 0x2C;
    private const byte Trailer = 0x3B;
    private const int HeaderBytes = 13;

    /// <summary>Whether the file ends in a trailer.</summary>
    public static TailVerdict Judge(BudgetedFile file)
    {
        if (TryCountFrames(file, int.MaxValue, out _))
        {
            return TailVerdict.Complete;
        }

        // Too long to walk: an image that stops short ends in a trailer's byte once in 256.
        return !file.Spent ? TailVerdict.Incomplete : TailVerdict.NotJudged;
    }

    /// <summary>Counts the images up to the trailer.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="maxFrames">Frames after which counting stops.</param>
    /// <param name="frames">Those found, also where the trailer was not.</param>
    /// <returns>Whether the trailer was reached.</returns>
    public static bool TryCountFrames(BudgetedFile file, int maxFrames, out int frames)
    {
        frames = 0;
        file.BigEndian = false;
        if (!file.TryReadByte(10, out byte screen))
        {
            return false;
        }

        long at = HeaderBytes + ColorTableBytes(screen);
        while (frames <= maxFrames && file.TryReadByte(at, out byte kind))
        {
            switch (kind)
            {
                case Trailer:
                    return true;
                case Extension:
                    at += 2;
                    break;
                case ImageDescriptor:
                    if (!file.TryReadByte(at + 9, out byte local))
                    {
                        return false;
                    }

                    frames++;
                    at += 10 + ColorTableBytes(local) + 1;   // and the minimum code size
                    break;
                default:
                    return false;
            }

            if (!TrySkipSubBlocks(file, ref at))
            {
                return false;
            }
        }

        return false;
    }

    private static int ColorTableBytes(byte packed) => (packed & 0x80) != 0 ? 3 << ((packed & 7) + 1) : 0;

    private static bool TrySkipSubBlocks(BudgetedFile file, ref long at)
    {
        while (file.TryReadByte(at, out byte length))
        {
            at += 1 + length;
            if (length == 0)
            {
                return true;
            }
        }

        return false;
    }
}
