namespace DocIngest.Storage;

/// <summary>Locks within one process, for tests. Share the object to share the locks.</summary>
public sealed class MemoryLocks(TimeProvider time) : INamedLocks
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Held> _held = [];

    /// <inheritdoc />
    public IDisposable? TryAcquire(string name)
    {
        LockName.Check(name);
        lock (_gate)
        {
            var held = new Held(this, name);
            return _held.TryAdd(name, held) ? held : null;
        }
    }

    /// <inheritdoc />
    public IDisposable? TryAcquireTemporary(string name) => TryAcquire(name);

    /// <inheritdoc />
    public Task<IDisposable> AcquireAsync(string name, TimeSpan timeout, CancellationToken cancellation) =>
        LockWait.UntilAsync(() => TryAcquire(name), name, timeout, time, cancellation);

    /// <summary>Gives all locks up, as the death of their process does.</summary>
    public void HoldersDie()
    {
        lock (_gate)
            _held.Clear();
    }

    private sealed class Held(MemoryLocks locks, string name) : IDisposable
    {
        public void Dispose()
        {
            lock (locks._gate)
            {
                if (locks._held.GetValueOrDefault(name) == this)
                    locks._held.Remove(name);
            }
        }
    }
}
