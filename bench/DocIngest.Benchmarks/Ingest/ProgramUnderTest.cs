using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using DocIngest.Benchmarks.Measuring;

namespace DocIngest.Benchmarks.Ingest;

/// <summary>One line of <c>ingest --json</c>.</summary>
/// <param name="At">Since the process was started.</param>
/// <param name="File">Absolute path.</param>
/// <param name="Outcome">As printed.</param>
/// <param name="Id">Record or scan.</param>
/// <param name="Version"><c>v1</c> on; null where there is no record.</param>
/// <param name="TextStatus">As printed.</param>
internal sealed record IngestLine(TimeSpan At, string File, string Outcome, string? Id, string? Version, string? TextStatus);

/// <summary>A run of <c>ingest</c>.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Wall">From start to end of the process.</param>
/// <param name="Cpu">Processor time of the process and its workers.</param>
/// <param name="Lines">In the order of their coming.</param>
/// <param name="PssBytes">Of the process tree, sampled; empty unless asked for.</param>
internal sealed record IngestRun(int ExitCode, TimeSpan Wall, TimeSpan Cpu, IReadOnlyList<IngestLine> Lines, IReadOnlyList<long> PssBytes);

/// <summary>The program as people start it: <c>DOCINGEST_PROGRAM</c>, or what <c>install/build.sh</c> made.</summary>
internal static class ProgramUnderTest
{
    private static string File { get; } = Path.GetFullPath(
        Environment.GetEnvironmentVariable("DOCINGEST_PROGRAM") is { Length: > 0 } named ? named : Path.Combine("artifacts", "app", "docingest"));

    /// <summary>How to start it, with output redirected and none of the caller's settings.</summary>
    public static ProcessStartInfo Start(string dataFolder, params IEnumerable<string> arguments)
    {
        if (!System.IO.File.Exists(File))
        {
            throw new FileNotFoundException("The program is not there: run install/build.sh, or name it in DOCINGEST_PROGRAM.");
        }

        var start = new ProcessStartInfo(File, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (string own in start.Environment.Keys.Where(key => key.StartsWith("DOCINGEST_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(own);
        }

        start.Environment["DOCINGEST_DATA"] = dataFolder;
        return start;
    }

    /// <summary>Takes in files or folders, to the end.</summary>
    public static async Task<IngestRun> IngestAsync(string dataFolder, IEnumerable<string> paths, bool move = false, bool sampleMemory = false, IReadOnlyDictionary<string, string>? variables = null, params string[] options)
    {
        ProcessTree.AdoptOrphans();
        var cpuBefore = ProcessTree.EndedChildrenCpu();
        string[] arguments = ["ingest", "--json", .. move ? ["--move"] : Array.Empty<string>(), .. options, "--", .. paths];
        long started = Stopwatch.GetTimestamp();
        var start = Start(dataFolder, arguments);
        foreach (var (name, value) in variables ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;   // never null without the shell
        using var ended = new CancellationTokenSource();
        var memory = sampleMemory ? ProcessTree.SamplePssAsync(process.Id, ended.Token) : Task.FromResult<IReadOnlyList<long>>([]);
        var errors = process.StandardError.ReadToEndAsync();
        var raw = new List<(TimeSpan At, string Line)>();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            raw.Add((Stopwatch.GetElapsedTime(started), line));
        }

        await process.WaitForExitAsync();
        var wall = Stopwatch.GetElapsedTime(started);
        await ended.CancelAsync();
        if (process.ExitCode is not (0 or 3))
        {
            await Console.Error.WriteLineAsync($"ingest ended with {process.ExitCode}: {await errors}");
        }

        return new IngestRun(
            process.ExitCode, wall, ProcessTree.EndedChildrenCpu() - cpuBefore, [.. raw.Select(pair => Parse(pair.At, pair.Line))], await memory);
    }

    /// <summary>Asks a service to stop and waits for its end.</summary>
    public static async Task StopAsync(Process service)
    {
        using (var kill = Process.Start("kill", ["-TERM", service.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        await service.WaitForExitAsync();
    }

    private static IngestLine Parse(TimeSpan at, string line)
    {
        using var json = JsonDocument.Parse(line);
        string? Text(string name) => json.RootElement.TryGetProperty(name, out var value) ? value.GetString() : null;
        return new IngestLine(at, Text("file") ?? "", Text("outcome") ?? "", Text("id"), Text("version"), Text("textStatus"));
    }
}
