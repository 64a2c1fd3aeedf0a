using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace DocIngest.Storage.Tests;

/// <summary>
/// A second process of this very program, which does one thing instead of running tests: locks and races between processes cannot be
/// seen from within one.
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    private const string TaskVariable = "DOCINGEST_STORAGE_TEST_CHILD";

    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    /// <summary>Starts a child and waits until it says that it is ready.</summary>
    internal static async Task<ChildProcess> StartAsync(CancellationToken cancellation, params string[] task)
    {
        string self = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is unknown.");
        var start = new ProcessStartInfo(self) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(self) == "dotnet")
            start.ArgumentList.Add(typeof(ChildProcess).Assembly.Location);
        start.Environment[TaskVariable] = string.Join('\n', task);
        var child = new ChildProcess(Process.Start(start) ?? throw new InvalidOperationException("No child process."));
        Assert.Equal("ready", await child.ReadLineAsync(cancellation));
        return child;
    }

    internal async Task<string?> ReadLineAsync(CancellationToken cancellation) =>
        await _process.StandardOutput.ReadLineAsync(cancellation);

    /// <summary>Lets a child that waits go on.</summary>
    internal void Continue()
    {
        _process.StandardInput.WriteLine();
        _process.StandardInput.Flush();
    }

    /// <summary>SIGKILL: the child gets no chance to tidy up.</summary>
    internal async Task KillAsync(CancellationToken cancellation)
    {
        _process.Kill();
        await _process.WaitForExitAsync(cancellation);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();

        // Until it is gone, its files are in the way of whoever deletes their folder.
        _process.WaitForExit();
        _process.Dispose();
    }

#pragma warning disable CA2255 // A module initializer is the only place before the test runner's own entry point.
    [ModuleInitializer]
    internal static void BecomeChildIfAsked()
#pragma warning restore CA2255
    {
        if (Environment.GetEnvironmentVariable(TaskVariable) is not { } task)
            return;
        Run(task.Split('\n'));
        Environment.Exit(0);
    }

    private static void Run(string[] task)
    {
        switch (task)
        {
            case ["hold-lock", var file]:
                using (OsLock.TryAcquire(file))
                    ReadyThenWait();
                break;
            case ["hold-open", var folder, var name]:
                using (var volumes = new LocalVolumes(Durability.File))
                using (volumes.Open(folder).OpenAppend(name))
                    ReadyThenWait();
                break;
            case ["put-blobs", var folder, var locks, var count]:
                PutBlobs(folder, locks, int.Parse(count));
                break;
        }
    }

    private static void ReadyThenWait()
    {
        Console.WriteLine("ready");
        Console.Out.Flush();
        _ = Console.ReadLine();
    }

    /// <summary>Tries to be the first to put each blob; says how often it was, then waits with its slot held.</summary>
    private static void PutBlobs(string folder, string locks, int count)
    {
        using var volumes = new LocalVolumes();
        using var store = new LocalBlobStore(volumes.Open(folder), new OsLocks(locks, TimeProvider.System), TimeProvider.System);
        ReadyThenWait();
        int won = 0;
        for (int i = 0; i < count; i++)
        {
            using var content = new MemoryStream(BitConverter.GetBytes(Environment.ProcessId));
            try
            {
                store.PutIfAbsentAsync($"race/{i}", content, CancellationToken.None).GetAwaiter().GetResult();
                won++;
            }
            catch (PreconditionFailedException)
            {
                // The other process was first: what this test is about.
            }
        }

        Console.WriteLine(won);
        Console.Out.Flush();
        _ = Console.ReadLine();
    }
}
