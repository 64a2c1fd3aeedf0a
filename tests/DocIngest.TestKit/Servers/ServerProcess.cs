using System.Diagnostics;

namespace DocIngest.TestKit.Servers;

/// <summary>
/// A server that a test starts on a free port of this machine. It must end when its standard input does: so it goes with whoever
/// runs the tests, however that ends.
/// </summary>
public sealed class ServerProcess : IDisposable
{
    private const string Ended = "(it ended)";

    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);   // a machine of two cores that is busy with other tests

    private readonly Process _process;
    private readonly Lock _gate = new();

    // Under _gate.
    private readonly List<string> _said = [];
    private TaskCompletionSource _saidMore = new();

    private ServerProcess(Process process) => _process = process;

    /// <summary>Starts a program.</summary>
    public static ServerProcess Start(ProcessStartInfo start)
    {
        start.UseShellExecute = false;
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        var server = new ServerProcess(new Process { StartInfo = start, EnableRaisingEvents = true });
        server._process.OutputDataReceived += (_, line) => server.Hear(line.Data);
        server._process.ErrorDataReceived += (_, line) => server.Hear(line.Data);
        server._process.Exited += (_, _) => server.Hear(Ended);
        server._process.Start();
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        return server;
    }

    /// <summary>Waits until the program has said these words, on either stream.</summary>
    /// <returns>What stands behind them on the line.</returns>
    public async Task<string> SaysAsync(string words)
    {
        using var limit = new CancellationTokenSource(LongestStart);
        while (true)
        {
            Task more;
            lock (_gate)
            {
                if (_said.Find(line => line.Contains(words, StringComparison.Ordinal)) is { } said)
                    return said[(said.IndexOf(words, StringComparison.Ordinal) + words.Length)..];
                if (_said.Contains(Ended))
                    throw new InvalidOperationException($"{_process.StartInfo.FileName} ended:\n{string.Join('\n', _said)}");
                more = _saidMore.Task;
            }

            await more.WaitAsync(limit.Token);
        }
    }

    /// <summary>Tells the program a line, and waits for its answer. One at a time.</summary>
    public async Task<string> AskAsync(string line, string answer)
    {
        lock (_gate)
            _said.Clear();
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
        return await SaysAsync(answer);
    }

    /// <summary>Closes its input, and waits until it is gone.</summary>
    public void End()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(LongestEnd))
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
    }

    public void Dispose()
    {
        End();
        _process.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null)
            return;
        lock (_gate)
        {
            _said.Add(line);
            var told = _saidMore;
            _saidMore = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            told.SetResult();
        }
    }
}
