using System.Runtime.ExceptionServices;

namespace DocIngest.Backup.Backups;

/// <summary>The concurrent parts of one operation. The first failure stops the others, and is what the operation ends with.</summary>
internal sealed class WorkGroup : IDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running = 1;   // the main part
    private ExceptionDispatchInfo? _failure;

    internal WorkGroup(CancellationToken cancellation) => _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);

    /// <summary>For every part: cancelled when one has failed, or the operation is.</summary>
    internal CancellationToken Stopping => _stop.Token;

    /// <summary>Starts a part on another thread. It runs to its own end, whatever becomes of the others.</summary>
    internal Task<T> Start<T>(Func<Task<T>> part)
    {
        Interlocked.Increment(ref _running);
        return Task.Run(() => GuardAsync(part));
    }

    /// <summary>Begins a part on this thread: for one that mostly waits for others.</summary>
    internal Task<T> Begin<T>(Func<Task<T>> part)
    {
        Interlocked.Increment(ref _running);
        return GuardAsync(part);
    }

    /// <summary>Runs the main part, and waits until all parts have ended.</summary>
    internal async Task<T> RunAsync<T>(Func<Task<T>> main)
    {
        try
        {
            var result = await GuardAsync(main);
            await _idle.Task;
            _failure?.Throw();
            return result;
        }
        catch
        {
            await _idle.Task;
            _failure?.Throw();
            throw;
        }
    }

    public void Dispose() => _stop.Dispose();

    private async Task<T> GuardAsync<T>(Func<Task<T>> part)
    {
        try
        {
            return await part();
        }
        catch (Exception error)
        {
            if (Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(error), null) is null)
                await _stop.CancelAsync();
            throw;
        }
        finally
        {
            if (Interlocked.Decrement(ref _running) == 0)
                _idle.SetResult();
        }
    }
}
