using System.Diagnostics.CodeAnalysis;

namespace DocIngest.Storage;

/// <summary>Group commit: callers that come while a flush runs share the next one. One flush at a time, on a thread of its own.</summary>
/// <remarks>
/// A flush blocks in the kernel for as long as the disk needs; on the thread pool it would starve the others.
/// An error is reported once per flush, to everybody who waited for it, and counted for those who wrote but did not wait yet.
/// </remarks>
internal sealed class VolumeFlusher(Action flush, string displayName) : IDisposable
{
    private readonly object _gate = new();

    // Under _gate.
    private TaskCompletionSource<IOException?>? _next;
    private Thread? _thread;
    private bool _stopping;

    private long _failedFlushes;

    /// <summary>Flushes that failed so far. Counted before the callers that waited are told.</summary>
    internal long FailedFlushes => Volatile.Read(ref _failedFlushes);

    /// <summary>Waits for a flush that starts after this call.</summary>
    /// <exception cref="FlushFailedException">It failed.</exception>
    internal async Task FlushAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (await JoinNextRound().WaitAsync(cancellation) is { } error)
            throw Failure(error);
    }

    internal FlushFailedException Failure(IOException? error = null) =>
        new($"A flush of the volume of {displayName} failed: what was written since the last good one must be written again.", error);

    public void Dispose()
    {
        Thread? thread;
        lock (_gate)
        {
            _stopping = true;
            thread = _thread;
            Monitor.PulseAll(_gate);
        }

        thread?.Join();
    }

    [SuppressMessage("Usage", "VSTHRD003", Justification = "Completed by the flush thread, which waits for nobody.")]
    private Task<IOException?> JoinNextRound()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            _next ??= new TaskCompletionSource<IOException?>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_thread is null)
            {
                _thread = new Thread(RunRounds) { IsBackground = true, Name = "flush" };
                _thread.Start();
            }

            Monitor.PulseAll(_gate);
            return _next.Task;
        }
    }

    private void RunRounds()
    {
        while (TakeRound() is { } round)
            round.SetResult(RunFlush());
    }

    /// <summary>Takes the round before its flush starts: whoever comes from here on has made changes the flush may miss, and waits for the next.</summary>
    private TaskCompletionSource<IOException?>? TakeRound()
    {
        lock (_gate)
        {
            while (_next is null && !_stopping)
                Monitor.Wait(_gate);
            var round = _next;
            _next = null;
            return round;
        }
    }

    private IOException? RunFlush()
    {
        try
        {
            flush();
            return null;
        }
        catch (IOException error)
        {
            Interlocked.Increment(ref _failedFlushes);
            return error;
        }
    }
}
