using Microsoft.Win32.SafeHandles;

namespace DocIngest.Storage;

/// <summary>A lock on a file that the operating system keeps: it excludes all other holders on the machine and ends with the process.</summary>
/// <remarks>
/// The file stays when the lock is given up, unless it was taken as temporary. Only who holds the lock may delete the file: otherwise one
/// process could hold the deleted file and another its successor.
/// Not for network shares: whether a lock holds there depends on the server.
/// </remarks>
public sealed class OsLock : IDisposable
{
    private readonly string _file;
    private readonly bool _isTemporary;
    private SafeFileHandle? _locked;

    private OsLock(SafeFileHandle locked, string file, bool isTemporary)
    {
        _locked = locked;
        _file = file;
        _isTemporary = isTemporary;
    }

    /// <summary>Takes the lock if nobody, in this process or another, holds it.</summary>
    /// <param name="file">Absolute path of the lock file; created where it is missing, its folder is not.</param>
    /// <returns>Null while another holds it.</returns>
    /// <exception cref="StorageUnavailableException">The file cannot be opened or locked.</exception>
    /// <exception cref="EntryNotFoundException">Its folder does not exist.</exception>
    public static OsLock? TryAcquire(string file) => TryAcquire(file, isTemporary: false);

    /// <summary>As <see cref="TryAcquire(string)"/>; giving the lock up removes its file. One that a dead holder has left is taken like any other.</summary>
    public static OsLock? TryAcquireTemporary(string file) => TryAcquire(file, isTemporary: true);

    /// <summary>Takes the lock, waiting for its holder up to <paramref name="timeout"/>.</summary>
    /// <exception cref="LockHeldException">Still held after <paramref name="timeout"/>.</exception>
    public static Task<OsLock> AcquireAsync(string file, TimeSpan timeout, TimeProvider time, CancellationToken cancellation) =>
        LockWait.UntilAsync(() => TryAcquire(file), file, timeout, time, cancellation);

    /// <inheritdoc />
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _locked, null) is { } locked)
            LocalSystem.OfThisMachine.Unlock(locked, _file, _isTemporary);
    }

    private static OsLock? TryAcquire(string file, bool isTemporary) =>
        LocalSystem.OfThisMachine.TryLock(file, isTemporary) is { } locked ? new OsLock(locked, file, isTemporary) : null;
}
