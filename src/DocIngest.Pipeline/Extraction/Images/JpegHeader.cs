using DocIngest.Pipeline.Formats;

namespace DocIngest.Pipeline.Extraction.Images;

/// <summary>The size of a JPEG from its frame header alone, as decoders find it: damaged metadata in front does not matter (ITU-T T.81, B.2.2).</summary>
internal static class JpegHeader
{
    // Metadata of many megabytes, in segments of 64 KiB.
    private const int MaxSegments = 4096;
    private const byte StartOfScan = 0xDA;

    /// <summary>Reads the size.</summary>
    /// <returns>False where no frame begins before the first scan.</returns>
    public static bool TryRead(BudgetedFile file, out long width, out long height)
    {
        file.BigEndian = true;
        (width, height) = (0, 0);
        long at = 2;
        for (int segment = 0; segment < MaxSegments && TryFindMarker(file, ref at, out byte marker) && marker != StartOfScan; segment++)
        {
            if (!file.TryReadUInt16(at, out ushort length) || length < 2)
            {
                return false;
            }

            if (IsFrame(marker))
            {
                bool read = file.TryReadUInt16(at + 3, out ushort rows) & file.TryReadUInt16(at + 5, out ushort columns);
                (width, height) = (columns, rows);
                return read && width > 0 && height > 0;
            }

            at += length;
        }

        return false;
    }

    /// <summary>SOF0 to SOF15, less the three codes among them that define tables.</summary>
    private static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

    /// <summary>Finds the next marker with a segment; stray bytes between segments are passed over, as decoders do.</summary>
    private static bool TryFindMarker(BudgetedFile file, ref long at, out byte marker)
    {
        const int MaxStrayBytes = 64 * 1024;
        marker = 0;
        for (int stray = 0; stray < MaxStrayBytes && file.TryReadByte(at, out byte value); stray++)
        {
            at++;
            if (value == 0xFF && file.TryReadByte(at, out marker) && marker is not (0 or 0xFF or 0x01 or (>= 0xD0 and <= 0xD9)))
            {
                at++;
                return true;
            }
        }

        return false;
    }
}
