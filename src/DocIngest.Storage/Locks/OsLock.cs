using Microsoft.Win32.SafeHandles;

namespace DocIngest.Storage;

/// <summary>A lock on a file that the operating system keeps: it excludes all other holders on the machine and ends with the process.</summary>
/// <remarks>
/// The file stays when the lock is given up. Deleting it would let one process lock the deleted file and another its successor.
/// Not for network shares: whether a lock holds there depends on the server.
/// </remarks>
public sealed class OsLock : IDisposable
{
    private SafeFileHandle? _locked;

    private OsLock(SafeFileHandle locked) => _locked = locked;

    /// <summary>Takes the lock if nobody, in this process or another, holds it.</summary>
    /// <param name="file">Absolute path of the lock file; created where it is missing, its folder is not.</param>
    /// <returns>Null while another holds it.</returns>
    /// <exception cref="StorageUnavailableException">The file cannot be opened or locked.</exception>
    /// <exception cref="EntryNotFoundException">Its folder does not exist.</exception>
    public static OsLock? TryAcquire(string file) =>
        LocalSystem.OfThisMachine.TryLock(file) is { } locked ? new OsLock(locked) : null;

    /// <summary>Takes the lock, waiting for its holder up to <paramref name="timeout"/>.</summary>
    /// <exception cref="LockHeldException">Still held after <paramref name="timeout"/>.</exception>
    public static Task<OsLock> AcquireAsync(string file, TimeSpan timeout, TimeProvider time, CancellationToken cancellation) =>
        LockWait.UntilAsync(() => TryAcquire(file), file, timeout, time, cancellation);

    /// <inheritdoc />
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _locked, null) is { } locked)
            LocalSystem.OfThisMachine.Unlock(locked);
    }
}
