using System.Diagnostics;
using DocIngest.Benchmarks.Ingest;
using DocIngest.Benchmarks.Measuring;

namespace DocIngest.Benchmarks.Backup;

/// <summary>What a run of a program took.</summary>
/// <param name="Wall">From start to end of the process.</param>
/// <param name="Cpu">Processor time, user and system.</param>
/// <param name="PeakPssBytes">The most memory seen, every 100 ms.</param>
internal sealed record TimedRun(TimeSpan Wall, TimeSpan Cpu, long PeakPssBytes);

/// <summary>One of the two programs that do the same work on the same repository.</summary>
internal sealed class Contender
{
    private readonly Func<IEnumerable<string>, ProcessStartInfo> _start;

    private Contender(string name, Func<IEnumerable<string>, ProcessStartInfo> start) => (Name, _start) = (name, start);

    /// <summary>For the table.</summary>
    public string Name { get; }

    /// <summary>This program, with a data folder that is empty.</summary>
    public static Contender Ours(string dataFolder, string passwordFile) => new(
        "docingest", arguments => ProgramUnderTest.Start(dataFolder, ["backup", .. arguments, "--password-file", passwordFile, "--quiet"]));

    /// <summary>restic, without its cache: a local repository needs none.</summary>
    public static Contender Restic(string program, string passwordFile) => new(
        "restic",
        arguments => new ProcessStartInfo(program, [.. arguments, "--password-file", passwordFile, "--no-cache", "--quiet"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        });

    /// <summary>Runs a command to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public async Task<TimedRun> RunAsync(params IEnumerable<string> arguments)
    {
        DiskFlush.Settle();
        var cpuBefore = ProcessTree.EndedChildrenCpu();
        long started = Stopwatch.GetTimestamp();
        using var process = Process.Start(_start(arguments))!;   // never null without the shell
        using var ended = new CancellationTokenSource();
        var memory = ProcessTree.SamplePssAsync(process.Id, ended.Token);
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var wall = Stopwatch.GetElapsedTime(started);
        await ended.CancelAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{Name} {string.Join(' ', arguments)}: exit {process.ExitCode}\n{await errors}{await output}");
        return new TimedRun(wall, ProcessTree.EndedChildrenCpu() - cpuBefore, (await memory).DefaultIfEmpty(0).Max());
    }
}
