namespace DocIngest.Storage;

/// <summary>Locks as files in one folder, kept by the operating system (<see cref="OsLock"/>).</summary>
/// <param name="folder">Absolute path on a local file system; created when the first lock is taken.</param>
public sealed class OsLocks(string folder, TimeProvider time) : INamedLocks
{
    /// <inheritdoc />
    public IDisposable? TryAcquire(string name)
    {
        LockName.Check(name);
        string file = Path.Combine(folder, name);
        try
        {
            return OsLock.TryAcquire(file);
        }
        catch (EntryNotFoundException)
        {
            Directory.CreateDirectory(folder);
            return OsLock.TryAcquire(file);
        }
    }

    /// <inheritdoc />
    public Task<IDisposable> AcquireAsync(string name, TimeSpan timeout, CancellationToken cancellation) =>
        LockWait.UntilAsync(() => TryAcquire(name), name, timeout, time, cancellation);
}
