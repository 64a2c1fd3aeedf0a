using DocIngest.Storage;

namespace DocIngest.Pipeline.Audit;

/// <summary>A stretch of a segment that ends in a line feed, or at the segment's end.</summary>
/// <param name="Start">Where it begins.</param>
/// <param name="End">Where the next one begins.</param>
/// <param name="Content">Its bytes without the line feed; valid until the next one is read. Empty where it is longer than any line.</param>
/// <param name="IsTerminated">Whether it ends in a line feed.</param>
internal readonly record struct SegmentLine(long Start, long End, ReadOnlyMemory<byte> Content, bool IsTerminated);

/// <summary>Reads segments line by line, in bounded memory whatever they hold.</summary>
internal static class SegmentReader
{
    private const int BlockBytes = 64 * 1024;

    /// <summary>No line is longer: an event names 500 records, of some 80 bytes each.</summary>
    private const int LongestLineBytes = 1024 * 1024;

    /// <summary>Reads a file from one place up to another.</summary>
    public static IEnumerable<SegmentLine> Read(IDurableFolder data, string path, long from, long upTo)
    {
        using var file = data.OpenRead(path);
        file.Seek(from, SeekOrigin.Begin);
        foreach (var line in Read(file, from, upTo))
        {
            yield return line;
        }
    }

    /// <summary>Reads a stream that stands at a place of a segment.</summary>
    public static IEnumerable<SegmentLine> Read(Stream file, long from, long upTo)
    {
        byte[] buffer = new byte[BlockBytes];
        int begin = 0;      // of the line, in the buffer
        int searched = 0;   // no line feed before this
        int held = 0;
        bool isTooLong = false;
        long start = from;
        long next = from;   // where the next block is read
        while (true)
        {
            if (Array.IndexOf(buffer, (byte)'\n', searched, held - searched) is >= 0 and var feed)
            {
                long end = next - held + feed + 1;
                yield return new SegmentLine(start, end, isTooLong ? default : buffer.AsMemory(begin, feed - begin), IsTerminated: true);
                (begin, searched, isTooLong, start) = (feed + 1, feed + 1, false, end);
                continue;
            }

            if (held - begin >= LongestLineBytes)
            {
                (begin, isTooLong) = (held, true);   // its bytes are of no use: only its end is looked for
            }

            buffer.AsSpan(begin, held - begin).CopyTo(buffer);
            (begin, held) = (0, held - begin);
            searched = held;
            if (held == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }

            int read = file.Read(buffer, held, (int)Math.Min(buffer.Length - held, upTo - next));
            if (read == 0)
            {
                break;
            }

            held += read;
            next += read;
        }

        if (next > start)
        {
            yield return new SegmentLine(start, next, isTooLong ? default : buffer.AsMemory(begin, held - begin), IsTerminated: false);
        }
    }
}
