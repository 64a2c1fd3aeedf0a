using System.Text;

namespace DocIngest.Pipeline.Extraction;

/// <summary>
/// Drains a worker's standard error, however much there is, and remembers the end of it. What a parser says quotes what it
/// read, so nothing of it ever reaches a log: only which of a few known ways to die it speaks of.
/// </summary>
internal sealed class ErrorOutput
{
    /// <summary>How much of the end is kept.</summary>
    public const int KeptBytes = 4096;

    private readonly Lock _gate = new();
    private readonly byte[] _ring = new byte[KeptBytes];

    /// <summary>Bytes that came.</summary>
    public long TotalBytes { get; private set; }

    /// <summary>Reads to the end of the stream.</summary>
    public void Drain(Stream stream)
    {
        byte[] buffer = new byte[KeptBytes];
        try
        {
            while (stream.Read(buffer) is > 0 and var count)
            {
                Keep(buffer.AsSpan(0, count));
            }
        }
        catch (IOException)
        {
            // The worker is gone, or the pipe was closed with it: there is no more to read.
        }
        catch (ObjectDisposedException)
        {
            // As above.
        }
    }

    /// <summary>The way to die it speaks of, in words of ours; null where it names none we know.</summary>
    public string? Diagnose()
    {
        string end = End();
        return end.Contains("Stack overflow", StringComparison.Ordinal) ? "stack overflow"
            : end.Contains("Out of memory", StringComparison.Ordinal) || end.Contains("OutOfMemoryException", StringComparison.Ordinal) ? "out of memory"
            : end.Contains("Unhandled exception", StringComparison.Ordinal) ? "unhandled exception"
            : null;
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            foreach (byte value in bytes)
            {
                _ring[TotalBytes++ % KeptBytes] = value;
            }
        }
    }

    private string End()
    {
        lock (_gate)
        {
            int held = (int)Math.Min(TotalBytes, KeptBytes);
            int start = (int)((TotalBytes - held) % KeptBytes);
            byte[] straight = new byte[held];
            for (int index = 0; index < held; index++)
            {
                straight[index] = _ring[(start + index) % KeptBytes];
            }

            return Encoding.Latin1.GetString(straight);
        }
    }
}
