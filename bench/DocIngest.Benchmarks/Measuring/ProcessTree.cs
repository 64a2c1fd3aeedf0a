using System.Globalization;
using System.Runtime.InteropServices;

namespace DocIngest.Benchmarks.Measuring;

/// <summary>Memory and processor time of a process with all it started (Linux).</summary>
internal static partial class ProcessTree
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan OrphanPatience = TimeSpan.FromSeconds(2);
    private const int SetChildSubreaper = 36;
    private const double TicksPerSecond = 100;   // USER_HZ, the same on every Linux that .NET runs on

    /// <summary>Samples until <paramref name="stop"/>.</summary>
    /// <returns>Proportional set size of the whole tree in bytes, one value a sample.</returns>
    public static async Task<IReadOnlyList<long>> SamplePssAsync(int root, CancellationToken stop)
    {
        var samples = new List<long>();
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                samples.Add(PssBytes(root));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The way it ends.
        }

        return samples;
    }

    /// <summary>Makes this process the parent of what its children leave behind, so that their processor time is counted.</summary>
    public static void AdoptOrphans() => _ = SetProcessOption(SetChildSubreaper, 1, 0, 0, 0);

    /// <summary>Processor time of all children of this process that have ended, and theirs. No child may be running.</summary>
    public static TimeSpan EndedChildrenCpu()
    {
        const int NoHang = 1;
        long started = System.Diagnostics.Stopwatch.GetTimestamp();
        while (WaitForProcess(-1, out _, NoHang) >= 0 && System.Diagnostics.Stopwatch.GetElapsedTime(started) < OrphanPatience)
        {
            Thread.Yield();   // workers that outlive their parent by a moment
        }

        string[] fields = Stat("self") ?? throw new PlatformNotSupportedException("/proc/self/stat cannot be read.");
        return TimeSpan.FromSeconds((Long(fields[13]) + Long(fields[14])) / TicksPerSecond);   // cutime, cstime
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int SetProcessOption(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport("libc", EntryPoint = "waitpid")]
    private static partial int WaitForProcess(int id, out int status, int options);

    private static long PssBytes(int root)
    {
        var children = Directory.EnumerateDirectories("/proc")
            .Select(Path.GetFileName)
            .Where(name => int.TryParse(name, CultureInfo.InvariantCulture, out _))
            .Select(name => (Id: int.Parse(name!, CultureInfo.InvariantCulture), Stat: Stat(name!)))
            .Where(process => process.Stat is not null)
            .ToLookup(process => int.Parse(process.Stat![1], CultureInfo.InvariantCulture), process => process.Id);
        long bytes = 0;
        var open = new Stack<int>([root]);
        while (open.TryPop(out int id))
        {
            bytes += PssOf(id);
            foreach (int child in children[id])
            {
                open.Push(child);
            }
        }

        return bytes;
    }

    // Fields from the third on: the second is the name in brackets, which may hold anything.
    private static string[]? Stat(string process)
    {
        try
        {
            string text = File.ReadAllText($"/proc/{process}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;   // it has ended
        }
    }

    private static long PssOf(int id)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{id}/smaps_rollup").FirstOrDefault(line => line.StartsWith("Pss:", StringComparison.Ordinal));
            return line is null ? 0 : Long(line["Pss:".Length..].Trim().Split(' ')[0]) * 1024;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private static long Long(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
