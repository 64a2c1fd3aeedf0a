using DocIngest.Pipeline.Formats;

namespace DocIngest.Pipeline.Extraction.Images;

/// <summary>The size of a JPEG 2000 image, from its code stream or its image header box (ISO/IEC 15444-1, A.5.1 and I.5.3.1).</summary>
internal static class Jpeg2000Header
{
    private const int MaxBoxes = 256;
    private const uint HeaderSuperbox = 0x6A703268;   // "jp2h"
    private const uint ImageHeader = 0x69686472;      // "ihdr"
    private const ushort CodestreamStart = 0xFF4F;

    /// <summary>Reads the size.</summary>
    /// <returns>False where there is none that makes sense.</returns>
    public static bool TryRead(BudgetedFile file, out long width, out long height)
    {
        file.BigEndian = true;
        (width, height) = (0, 0);
        if (!file.TryReadUInt16(0, out ushort start))
        {
            return false;
        }

        return (start == CodestreamStart ? TryReadSize(file, out width, out height) : TryReadBox(file, out width, out height))
            && width > 0 && height > 0;
    }

    /// <summary>SIZ follows SOC at once: the extent of the reference grid less the image's offset in it.</summary>
    private static bool TryReadSize(BudgetedFile file, out long width, out long height)
    {
        bool read = file.TryReadUInt32(8, out uint right) & file.TryReadUInt32(12, out uint bottom)
            & file.TryReadUInt32(16, out uint left) & file.TryReadUInt32(20, out uint top);
        (width, height) = ((long)right - left, (long)bottom - top);
        return read;
    }

    private static bool TryReadBox(BudgetedFile file, out long width, out long height)
    {
        (width, height) = (0, 0);
        long at = 0;
        long end = file.Length;
        for (int count = 0; count < MaxBoxes && at < end && IsoBox.TryRead(file, at, end, out var box); count++)
        {
            switch (box.Type)
            {
                case HeaderSuperbox:
                    at = box.ContentAt;   // step inside
                    end = Math.Min(end, box.End);
                    continue;
                case ImageHeader:
                    bool read = file.TryReadUInt32(box.ContentAt, out uint rows) & file.TryReadUInt32(box.ContentAt + 4, out uint columns);
                    (width, height) = (columns, rows);
                    return read;
                default:
                    at = box.End;
                    break;
            }
        }

        return false;
    }
}
