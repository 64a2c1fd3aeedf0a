using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using DocIngest.Worker.CommandLine;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.Jobs;

/// <summary>The program again, as a child that carries out the command of a job: what it does wrong, it does to itself.</summary>
/// <remarks>It ends with its parent: when its standard input ends, it stops as if it had been told to. That is how it is told to, too, on every system.</remarks>
internal static class JobProcess
{
    /// <summary>The variable by which a child knows the run that it is.</summary>
    public const string RunVariable = "DOCINGEST_RUN";

    private const int MostMessage = 1000;

    // Of the 20 s in which the service stops.
    private static readonly TimeSpan StopsWithin = TimeSpan.FromSeconds(15);

    // What it printed is there by then.
    private static readonly TimeSpan PipesEndWithin = TimeSpan.FromSeconds(5);

    /// <summary>The run that this process is a child of; null for none.</summary>
    public static long? RunOfThisProcess => long.TryParse(Environment.GetEnvironmentVariable(RunVariable), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;

    /// <summary>Runs a command to its end.</summary>
    /// <param name="words">Its words.</param>
    /// <param name="dataPath">The data folder, absolute.</param>
    /// <param name="configPath">The configuration that was named; null for the one in the data folder.</param>
    /// <param name="run">The number of the run.</param>
    /// <param name="asJson">Whether it prints JSON.</param>
    /// <param name="isWatched">Whether a person watches: then it writes to the terminal, and nothing is kept.</param>
    /// <param name="cancellation">Stops it, and waits until it has stopped.</param>
    /// <returns>The exit code, and the end of what it wrote, standard error first; null for nothing.</returns>
    /// <exception cref="CommandException">It cannot be started; exit 6.</exception>
    public static async Task<(int ExitCode, string? Message)> RunAsync(
        IReadOnlyList<string> words, string dataPath, string? configPath, long run, bool asJson, bool isWatched, CancellationToken cancellation)
    {
        using var process = Start(asJson ? ["--json", .. words] : words, dataPath, configPath, run, isWatched);
        using var input = process.StandardInput;   // disposing the process leaves its pipes open
        using var output = isWatched ? null : process.StandardOutput;
        using var errorOutput = isWatched ? null : process.StandardError;
        using var stopping = cancellation.Register(() => Stop(process));
        var (said, printed) = (new TextEnd(MostMessage), new TextEnd(MostMessage));
        var reading = Task.WhenAll(ReadAsync(errorOutput, said), ReadAsync(output, printed));
        await process.WaitForExitAsync(CancellationToken.None);
        try
        {
            await reading.WaitAsync(PipesEndWithin, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            // Something that it started has its pipes still, and is not waited for.
        }

        string message = $"{said}\n{printed}".Trim();
        return (process.ExitCode, message.Length == 0 ? null : message);
    }

    /// <summary>Stops this process when the one that began its job is gone, or closes its standard input. Does nothing in a process that is no child of a job.</summary>
    public static void StopWithParent(CancellationTokenSource stop)
    {
        if (RunOfThisProcess is null)
        {
            return;
        }

        new Thread(() =>
        {
            using var input = Console.OpenStandardInput();
            Span<byte> ignored = stackalloc byte[64];
            while (input.Read(ignored) > 0)
            {
            }

            try
            {
                stop.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It has ended.
            }
        })
        { IsBackground = true, Name = "parent of the job" }.Start();
    }

    private static Process Start(IReadOnlyList<string> words, string dataPath, string? configPath, long run, bool isWatched)
    {
        string[] named = configPath is null ? [] : ["--config", configPath];
        var start = new ProcessStartInfo(ThisProgram.Executable, [.. ThisProgram.LeadingArguments, "--data", dataPath, .. named, .. words])
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = !isWatched, RedirectStandardError = !isWatched,
        };
        start.Environment[RunVariable] = run.ToString(CultureInfo.InvariantCulture);
        try
        {
            return Process.Start(start) ?? throw new CommandException(ExitCode.EnvironmentFailed, "The program could not be started again for the job.");
        }
        catch (Win32Exception error)
        {
            throw new CommandException(ExitCode.EnvironmentFailed, $"The program could not be started again for the job: {error.Message}");
        }
    }

    private static void Stop(Process process)
    {
        process.StandardInput.Close();
        _ = KillLaterAsync(process);
    }

    private static async Task KillLaterAsync(Process process)
    {
        try
        {
            await process.WaitForExitAsync().WaitAsync(StopsWithin);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended, and its caller is done with it.
        }
    }

    private static async Task ReadAsync(StreamReader? reader, TextEnd end)
    {
        while (reader is not null && await reader.ReadLineAsync() is { } line)
        {
            end.Add(line);
        }
    }

    /// <summary>The last lines of a text. Safe for two threads.</summary>
    private sealed class TextEnd(int most)
    {
        private readonly Queue<string> _lines = new();
        private int _length;

        public void Add(string line)
        {
            lock (_lines)
            {
                string kept = line.Length > most ? line[..most] : line;
                _lines.Enqueue(kept);
                _length += kept.Length + 1;
                while (_length > most && _lines.Count > 1)
                {
                    _length -= _lines.Dequeue().Length + 1;
                }
            }
        }

        public override string ToString()
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }
}
