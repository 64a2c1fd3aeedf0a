using System.Diagnostics;
using System.Text.Json;

namespace DocIngest.Benchmarks.Ingest;

/// <summary>The service, started by <c>run</c>, with what it says of itself.</summary>
internal sealed class Service : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly long _started;

    private Service(Process process, long started)
    {
        _process = process;
        _started = started;
    }

    public int ProcessId => _process.Id;

    public static Service Start(string data, string config)
    {
        var start = ProgramUnderTest.Start(data, "run", "--config", config);
        long started = Stopwatch.GetTimestamp();
        var process = Process.Start(start)!;   // never null without the shell
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        return new Service(process, started);
    }

    /// <summary>A configuration with one drop folder, anything else as it comes.</summary>
    public static string WriteConfig(string path, string drop, string logLevel, string? settleTime)
    {
        var profile = new Dictionary<string, string> { ["folder"] = drop };
        if (settleTime is not null)
        {
            profile["settleTime"] = settleTime;
        }

        File.WriteAllText(path, JsonSerializer.Serialize(new { logging = new { level = logLevel }, intake = new { profiles = new[] { profile } } }));
        return path;
    }

    /// <summary>Waits for a line on standard error.</summary>
    /// <returns>Since the process was started.</returns>
    public async Task<TimeSpan> SaysAsync(string words)
    {
        while (await _process.StandardError.ReadLineAsync().WaitAsync(Patience) is { } line)
        {
            if (line.Contains(words, StringComparison.Ordinal))
            {
                return Stopwatch.GetElapsedTime(_started);
            }
        }

        throw new InvalidOperationException($"The service ended without saying \"{words}\".");
    }

    /// <summary>Reads on, so that its pipe never fills.</summary>
    public void Drain() => _ = _process.StandardError.ReadToEndAsync();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await ProgramUnderTest.StopAsync(_process);
        }

        _process.Dispose();
    }
}
