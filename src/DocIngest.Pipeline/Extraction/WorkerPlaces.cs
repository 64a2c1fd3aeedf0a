namespace DocIngest.Pipeline.Extraction;

/// <summary>Places at the workers. A place that becomes free goes to whoever waits with the lowest order, and among equals to the one that waits longest.</summary>
/// <remarks>So a short work goes before the next part of a long one, and of two long ones the earlier is ended first, instead of both late.</remarks>
/// <param name="count">Places.</param>
internal sealed class WorkerPlaces(int count)
{
    /// <summary>The order of what must not wait behind OCR: first readings, renditions, cuts.</summary>
    public const long First = 0;

    private readonly Lock _gate = new();
    private readonly PriorityQueue<TaskCompletionSource, (long Order, long Since)> _waiting = new();   // under _gate
    private long _since;                                                                              // under _gate
    private int _free = count;                                                                        // under _gate

    /// <summary>Takes a place. Give it back with <see cref="GiveBack"/>.</summary>
    /// <exception cref="OperationCanceledException">None was taken.</exception>
    public async Task TakeAsync(long order, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        TaskCompletionSource waiting;
        lock (_gate)
        {
            if (_free > 0)
            {
                _free--;
                return;
            }

            waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(waiting, (order, _since++));
        }

        await using var ended = cancellation.UnsafeRegister(static (it, token) => ((TaskCompletionSource)it!).TrySetCanceled(token), waiting);   // '!': given below as its state
        await waiting.Task;
    }

    /// <summary>Gives a place back.</summary>
    public void GiveBack()
    {
        lock (_gate)
        {
            while (_waiting.TryDequeue(out var next, out _))
            {
                if (next.TrySetResult())   // otherwise it no longer waits
                {
                    return;
                }
            }

            _free++;
        }
    }
}
