using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using DocIngest.Pipeline.Extraction.Ocr;
using Microsoft.Extensions.Logging;

namespace DocIngest.Pipeline.Extraction;

/// <summary>One worker: started, greeted, given one document after another, and ended. Whatever it does, it harms only itself.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private const int PipeThreadStackBytes = 256 * 1024;

    // What a worker must not see: passwords and keys that the service was given in its environment.
    private static readonly string[] InheritedVariables =
        ["PATH", "LANG", "LC_ALL", "TZ", "SystemRoot", "SystemDrive", "windir", "DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_ROOT_ARM64"];

    private readonly ExtractionOptions _options;
    private readonly string? _scratchFolder;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Process _process;
    private readonly WorkerFence _fence;
    private readonly ErrorOutput _errors = new();
    private readonly TaskCompletionSource<WorkerHello> _hello = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _errorReader;
    private Stream _input = Stream.Null;         // set once, with the next two, by Start
    private Stream _output = Stream.Null;
    private Stream _errorOutput = Stream.Null;
    private readonly Lock _gate = new();
    private DocumentReading? _current;   // under _gate
    private string? _lost;               // under _gate: why nothing more can be asked of it

    private WorkerProcess(ExtractionOptions options, string? scratchFolder, TimeProvider time, ILogger logger)
    {
        _options = options;
        _scratchFolder = scratchFolder;
        _time = time;
        _logger = logger;
        _fence = WorkerFence.Create(options.HeapLimitBytes);
        _process = new Process { StartInfo = Describe(options, scratchFolder) };
        _errorReader = new Thread(() => _errors.Drain(_errorOutput), PipeThreadStackBytes)
        {
            IsBackground = true,
            Name = "worker errors",
        };
    }

    /// <summary>What it said of itself.</summary>
    public WorkerHello Greeting { get; private set; } = new(WorkerProtocol.Version, "none", [], []);

    /// <summary>For logs.</summary>
    public int Id { get; private set; }

    /// <summary>The one folder it may write in; null without OCR.</summary>
    public string? ScratchFolder => _scratchFolder;

    /// <summary>Documents it was given.</summary>
    public int DocumentCount { get; private set; }

    /// <summary>Private memory as it last stated.</summary>
    public long PrivateBytes { get; private set; }

    /// <summary>Whether it can be given another document.</summary>
    public bool IsUsable
    {
        get
        {
            lock (_gate)
            {
                return _lost is null && DocumentCount < _options.RecycleAfterDocuments
                    && PrivateBytes <= _options.RecycleAbovePrivateBytes;
            }
        }
    }

    /// <summary>Starts a worker and waits for its greeting.</summary>
    /// <exception cref="ExtractionUnavailableException">It does not start, or does not greet in time. Nothing is left of it.</exception>
    public static async Task<WorkerProcess> StartAsync(
        ExtractionOptions options, ScratchSpace? scratch, TimeProvider time, ILogger logger, CancellationToken cancellation)
    {
        var worker = new WorkerProcess(options, NewFolder(scratch), time, logger);
        try
        {
            worker.Start();
            worker.Greeting = await worker._hello.Task.WaitAsync(options.StartLimit, time, cancellation);
            return worker;
        }
        catch (TimeoutException error)
        {
            worker.Dispose();
            throw new ExtractionUnavailableException($"An extraction worker did not greet within {options.StartLimit:c}.", error);
        }
        catch (Exception error) when (error is Win32Exception or IOException or InvalidOperationException)
        {
            worker.Dispose();
            throw new ExtractionUnavailableException("An extraction worker could not be started; is its program in place?", error);
        }
        catch
        {
            worker.Dispose();
            throw;
        }
    }

    private static string? NewFolder(ScratchSpace? scratch)
    {
        try
        {
            return scratch?.NewFolder();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ExtractionUnavailableException("The folder an extraction worker writes in could not be made.", error);
        }
    }

    /// <summary>Has one document read. The caller owns <paramref name="reading"/> and gives one at a time.</summary>
    /// <returns>How it ended; the worker is gone unless it answered.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled; the worker is gone.</exception>
    public async Task<ReadingEnd> ReadAsync(WorkerRequest request, DocumentReading reading, CancellationToken cancellation)
    {
        DocumentCount++;
        lock (_gate)
        {
            if (_lost is { } cause)
            {
                return new ReadingEnd.Crashed(cause);
            }

            _current = reading;
        }

        try
        {
            Ask(request, reading, cancellation);
            var end = await reading.WaitAsync(cancellation);
            if (end is ReadingEnd.Answered { Result: { } result })
            {
                PrivateBytes = result.PrivateBytes;
            }

            if (end is not ReadingEnd.Answered || end.DeservesRetry)
            {
                Kill("it was ended");
            }

            return end;
        }
        catch (OperationCanceledException)
        {
            Kill("it was ended");
            throw;
        }
        finally
        {
            lock (_gate)
            {
                _current = null;
            }
        }
    }

    /// <summary>Ends the worker and all it started.</summary>
    public void Dispose()
    {
        Kill("it was ended");
        _fence.Dispose();
        _input.Dispose();
        _output.Dispose();
        _errorOutput.Dispose();
        _process.Dispose();
        if (_scratchFolder is not null)
        {
            ScratchSpace.Remove(_scratchFolder);
        }
    }

    private void Start()
    {
        _process.Start();

        // Taken here, by the thread that may also dispose: a disposed process no longer gives its streams out, and it does not
        // close those it has given out.
        _input = _process.StandardInput.BaseStream;
        _output = _process.StandardOutput.BaseStream;
        _errorOutput = _process.StandardError.BaseStream;
        Id = _process.Id;
        _fence.Enclose(_process);
        _errorReader.Start();

        // Threads of their own: a blocked read must not hold a thread of the pool, which has few.
        new Thread(Listen, PipeThreadStackBytes) { IsBackground = true, Name = "worker answers" }.Start();
    }

    private static ProcessStartInfo Describe(ExtractionOptions options, string? scratchFolder)
    {
        var start = new ProcessStartInfo(options.WorkerExecutable)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetPathRoot(AppContext.BaseDirectory)!,   // a rooted path always has one; keeps no volume busy
        };
        foreach (string argument in options.WorkerArguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.ArgumentList.Add("--heap-limit");
        start.ArgumentList.Add($"{options.HeapLimitBytes}");
        foreach (string folder in options.ReadableFolders)
        {
            start.ArgumentList.Add("--read");
            start.ArgumentList.Add(folder);
        }

        if (scratchFolder is not null && options.Ocr is { } ocr)
        {
            start.ArgumentList.Add("--scratch");
            start.ArgumentList.Add(scratchFolder);
            foreach (string program in ocr.Programs.All)
            {
                start.ArgumentList.Add("--program");
                start.ArgumentList.Add(program);
            }
        }

        foreach (string name in start.Environment.Keys.Except(InheritedVariables, StringComparer.OrdinalIgnoreCase).ToList())
        {
            start.Environment.Remove(name);
        }

        options.Ocr?.Programs.Describe(start.Environment);
        foreach (var (name, value) in RuntimeSettings(options))
        {
            start.Environment[name] = value;
        }

        return start;
    }

    /// <summary>Measured for a process that must stay small beside many others; figures in docs/adr/0003.</summary>
    private static IEnumerable<(string Name, string Value)> RuntimeSettings(ExtractionOptions options) =>
    [
        ("DOTNET_GCHeapHardLimit", $"{options.HeapLimitBytes:X}"),
        ("DOTNET_gcServer", "0"),
        ("DOTNET_gcConcurrent", "0"),
        ("DOTNET_TieredPGO", "0"),
        ("DOTNET_EnableDiagnostics", "0"),   // opens a socket, which confinement forbids
        ("DOTNET_DbgEnableMiniDump", "0"),   // a dump holds the document
        ("DOTNET_CLI_TELEMETRY_OPTOUT", "1"),
    ];

    private void Ask(WorkerRequest request, DocumentReading reading, CancellationToken cancellation)
    {
        // A worker that does not read holds this thread in the write: it is killed, and the pipe breaks. The reading is told first,
        // or its own clock, which ran out at the same moment, would race with the news of that death.
        using var limit = new CancellationTokenSource(_options.StallLimit, _time);
        using var onLimit = limit.Token.Register(() =>
        {
            reading.EndStalled();
            Kill("it did not read its request");
        });
        using var onCancel = cancellation.Register(() => Kill("it was ended"));
        try
        {
            _input.Write([.. JsonSerializer.SerializeToUtf8Bytes(request, WorkerProtocol.Instance.WorkerRequest), (byte)'\n']);
            _input.Flush();
        }
        catch (IOException)
        {
            // It ended in between: the end of its output says so to this reading, with a better cause.
        }
    }

    /// <summary>The answers' thread: one line after another until there are no more.</summary>
    private void Listen()
    {
        string cause = "its answer made no sense";
        try
        {
            using var lines = new LineReader(_output, WorkerProtocol.MaxLineBytes(_options.MaxPageTextChars));
            while (lines.TryRead(out var line))
            {
                if (!Take(line.Span))
                {
                    Lose(cause);
                    return;
                }
            }

            cause = DescribeDeath();
        }
        catch (Exception error) when (error is JsonException or InvalidDataException or NotSupportedException)
        {
            // The cause stands: garbage, or a line without end.
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
        {
            cause = "it was ended";
        }

        Lose(cause);
    }

    private bool Take(ReadOnlySpan<byte> line)
    {
        var message = JsonSerializer.Deserialize(line, WorkerProtocol.Instance.WorkerMessage);
        if (message is not { HasOneMember: true, HasHoles: false })
        {
            return false;
        }

        if (message.Hello is { } hello)
        {
            return hello.Protocol == WorkerProtocol.Version && hello.Enforced.Count <= 16 && hello.Tools.Count <= 16
                && _hello.TrySetResult(hello);
        }

        DocumentReading? reading;
        lock (_gate)
        {
            reading = _current;
        }

        return reading is not null && _hello.Task.IsCompletedSuccessfully && reading.Accept(message);
    }

    private string DescribeDeath()
    {
        // Its output has ended, so it has, or will not live long: nothing of ours closes its output and goes on.
        bool exited = _process.WaitForExit(TimeSpan.FromSeconds(2));
        _errorReader.Join(TimeSpan.FromSeconds(2));
        string? way = _errors.Diagnose();
        string code = exited ? $"exit code {_process.ExitCode}" : "its output was closed";
        _logger.WorkerDied(Id, exited ? _process.ExitCode : null, way, _errors.TotalBytes);
        return way is null ? $"it ended with {code}" : $"it ended with {code}: {way}";
    }

    private void Lose(string cause)
    {
        DocumentReading? reading;
        lock (_gate)
        {
            _lost ??= cause;
            reading = _current;
        }

        _hello.TrySetException(new IOException($"The worker was lost before its greeting: {cause}."));
        reading?.End(new ReadingEnd.Crashed(cause));
        _fence.Kill(_process);
    }

    private void Kill(string cause)
    {
        lock (_gate)
        {
            _lost ??= cause;
        }

        if (Id != 0)
        {
            _fence.Kill(_process);
        }
    }
}
