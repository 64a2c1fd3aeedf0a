namespace DocIngest.Backup;

/// <summary>Keeps as many costly objects as threads are likely to need at once. Taking and returning allocate nothing.</summary>
internal sealed class IdlePool<T>(Func<T> create) : IDisposable
    where T : class, IDisposable
{
    private readonly T?[] _idle = new T?[2 * Environment.ProcessorCount];
    private volatile bool _isDisposed;

    /// <summary>An object that nobody else uses until it is returned. One that is not returned is left to the collector.</summary>
    internal T Take()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        for (int i = 0; i < _idle.Length; i++)
        {
            if (_idle[i] is not null && Interlocked.Exchange(ref _idle[i], null) is { } one)
                return one;
        }

        return create();
    }

    internal void Return(T one)
    {
        for (int i = 0; i < _idle.Length && !_isDisposed; i++)
        {
            if (_idle[i] is null && Interlocked.CompareExchange(ref _idle[i], one, null) is null)
                return;
        }

        one.Dispose();
    }

    public void Dispose()
    {
        _isDisposed = true;
        for (int i = 0; i < _idle.Length; i++)
            Interlocked.Exchange(ref _idle[i], null)?.Dispose();
    }
}
