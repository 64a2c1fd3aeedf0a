using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;

namespace DocIngest.Worker.Tests;

/// <summary>The built program as a user starts it: <c>DOCINGEST_PROGRAM</c>, else what <c>install/build.sh</c> made, else the newest build.</summary>
internal static class TheProgram
{
    // Of variables that tell the program where backups go and how: those of who runs the tests do not count.
    private static readonly string[] Prefixes = ["DOCINGEST_BACKUP_", "DOCINGEST_AZURE_", "RESTIC_", "AZURE_"];

    public static string Executable { get; } = Find();

    /// <summary>Starts it. Standard output and error are read from the start, so that it never waits for us.</summary>
    public static RunningProgram Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? folder = null) =>
        StartAny(Executable, arguments, environment, folder);

    /// <summary>Starts another program around it: a tracer, a namespace, another user.</summary>
    public static RunningProgram StartAny(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? folder = null)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = folder ?? "",
        };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        string[] ours =
        [
            "DOCINGEST_DATA", "DOCINGEST_CONFIG",
            .. start.Environment.Keys.Where(name => Prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal))),
        ];
        foreach (string name in ours)
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return new RunningProgram(Process.Start(start) ?? throw new InvalidOperationException("No process."));
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<EndedProgram> RunAsync(params string[] arguments)
    {
        using var running = Start(arguments);
        running.CloseInput();
        return await running.EndAsync();
    }

    private static string Find()
    {
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile()) ?? "", "../.."));
        string[] places =
        [
            Environment.GetEnvironmentVariable("DOCINGEST_PROGRAM") ?? "",
            Path.Combine(root, "artifacts/app/docingest"),
            Path.Combine(root, "src/DocIngest.Worker/bin/Release/net10.0/docingest"),
        ];
        return Path.GetFullPath(places.FirstOrDefault(File.Exists) ?? throw new InvalidOperationException("The program is not built: run install/build.sh."));
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}

/// <summary>How a run ended.</summary>
internal sealed record EndedProgram(int ExitCode, byte[] OutputBytes, string Errors)
{
    public string Output => Encoding.UTF8.GetString(OutputBytes);

    /// <summary>Standard output, line by line.</summary>
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Demands an exit code; the message has what the program said.</summary>
    public EndedProgram Demand(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"exit {ExitCode} instead of {exitCode}\n{Output}\n{Errors}");
        return this;
    }
}

/// <summary>A process of ours that is watched while it runs.</summary>
internal sealed class RunningProgram : IDisposable
{
    private readonly Process _process;
    private readonly Thread[] _readers;
    private readonly MemoryStream _output = new();
    private readonly MemoryStream _errors = new();
    private int _lines;

    public RunningProgram(Process process)
    {
        _process = process;
        _readers =
        [
            new Thread(() => Read(process.StandardOutput.BaseStream, _output)) { IsBackground = true },
            new Thread(() => Read(process.StandardError.BaseStream, _errors)) { IsBackground = true },
        ];
        foreach (var reader in _readers)
        {
            reader.Start();
        }
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Lines printed on standard output so far.</summary>
    public int LinesPrinted => Volatile.Read(ref _lines);

    public Stream Input => _process.StandardInput.BaseStream;

    public string ErrorsSoFar
    {
        get
        {
            lock (_errors)
            {
                return Encoding.UTF8.GetString(_errors.ToArray());
            }
        }
    }

    public void CloseInput() => _process.StandardInput.Close();

    public async Task<EndedProgram> EndAsync()
    {
        await _process.WaitForExitAsync(Until.Limit());
        foreach (var reader in _readers)
        {
            reader.Join();
        }

        return new EndedProgram(_process.ExitCode, _output.ToArray(), ErrorsSoFar);
    }

    /// <summary>SIGKILL to this process alone.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: false);
        await _process.WaitForExitAsync(Until.Limit());
    }

    public void Signal(int signal) => Assert.Equal(0, LibC.Kill(_process.Id, signal));

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private void Read(Stream from, MemoryStream to)
    {
        byte[] buffer = new byte[8192];
        for (int read; (read = from.Read(buffer)) > 0;)
        {
            lock (to)
            {
                to.Write(buffer, 0, read);
            }

            if (to == _output)
            {
                Interlocked.Add(ref _lines, buffer.AsSpan(0, read).Count((byte)'\n'));
            }
        }
    }
}
