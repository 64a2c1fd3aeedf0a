namespace DocIngest.Storage;

/// <summary>Locks as files in one folder, kept by the operating system (<see cref="OsLock"/>).</summary>
/// <param name="folder">Absolute path on a local file system; created when the first lock is taken.</param>
public sealed class OsLocks(string folder, TimeProvider time) : INamedLocks
{
    /// <inheritdoc />
    public IDisposable? TryAcquire(string name) => TryAcquire(name, OsLock.TryAcquire);

    /// <inheritdoc />
    public IDisposable? TryAcquireTemporary(string name) => TryAcquire(name, OsLock.TryAcquireTemporary);

    /// <inheritdoc />
    public Task<IDisposable> AcquireAsync(string name, TimeSpan timeout, CancellationToken cancellation) =>
        LockWait.UntilAsync(() => TryAcquire(name), name, timeout, time, cancellation);

    private OsLock? TryAcquire(string name, Func<string, OsLock?> tryAcquire)
    {
        LockName.Check(name);
        string file = Path.Combine(folder, name);
        try
        {
            return tryAcquire(file);
        }
        catch (EntryNotFoundException)
        {
            Directory.CreateDirectory(folder);
            return tryAcquire(file);
        }
    }
}
