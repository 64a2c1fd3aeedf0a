using System.Diagnostics;

namespace DocIngest.Benchmarks.Measuring;

/// <summary>What one flush costs on the disk that a benchmark works on: without it a figure of a durable program says little.</summary>
internal static class DiskFlush
{
    private const int Flushes = 50;
    private const int BlockBytes = 4096;

    /// <summary>Milliseconds of each of 50 writes of 4 KiB with fsync.</summary>
    public static IReadOnlyList<double> Measure(string folder)
    {
        string path = Path.Combine(folder, "flush-probe");
        byte[] block = new byte[BlockBytes];
        var milliseconds = new List<double>();
        using (var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            for (int flush = 0; flush < Flushes; flush++)
            {
                long started = Stopwatch.GetTimestamp();
                file.Write(block);
                file.Flush(flushToDisk: true);
                milliseconds.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        }

        File.Delete(path);
        return milliseconds;
    }

    /// <summary>Writes everything back, so that no run pays for the writes of the one before.</summary>
    public static void Settle()
    {
        using var sync = Process.Start("sync");
        sync.WaitForExit();
    }
}
