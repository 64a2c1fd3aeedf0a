namespace DocIngest.Pipeline;

/// <summary>Bounds the text that waits in a queue: a few long documents weigh as much as a hundred letters. One is let in whatever its length.</summary>
internal sealed class TextBudget(long characters)
{
    private readonly Lock _gate = new();
    private long _taken;                                                                        // under _gate
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);   // under _gate

    /// <summary>Waits until there is room, or nothing else waits.</summary>
    public async Task TakeAsync(long count, CancellationToken cancellation)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_taken == 0 || _taken + count <= characters)
                {
                    _taken += count;
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellation);
        }
    }

    /// <summary>Gives back what was taken.</summary>
    public void GiveBack(long count)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _taken -= count;
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }
}
