using DocIngest.Backup.Repositories;
using DocIngest.Storage;

namespace DocIngest.Backup.Locks;

/// <summary>How an operation takes its lock.</summary>
/// <param name="Owner">In whose name.</param>
/// <param name="Time">For timestamps and pauses.</param>
/// <param name="RetryFor">How long to try again while somebody else is in the way; zero: not at all.</param>
public sealed record LockTerms(LockOwner Owner, TimeProvider Time, TimeSpan RetryFor)
{
    /// <summary>Does something while holding a lock. When the lock is lost, the work is told to stop.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="isExclusive">Whether nobody else may work there meanwhile.</param>
    /// <param name="work">What to do.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="RepositoryLockedException">Somebody else is in the way. Nothing was begun.</exception>
    /// <exception cref="LockLostException">The lock was lost, and the work stopped for it.</exception>
    /// <remarks>A lock that cannot be removed at the end goes stale; that changes nothing about what was done.</remarks>
    internal async Task<T> HoldAsync<T>(Repository repository, bool isExclusive, Func<CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        var held = await RepositoryLock.AcquireAsync(repository, isExclusive, Owner, Time, RetryFor, cancellation);
        try
        {
            return await held.RunAsync(work, cancellation);
        }
        finally
        {
            await TryReleaseAsync(held);
        }
    }

    private static async Task TryReleaseAsync(RepositoryLock held)
    {
        try
        {
            await held.DisposeAsync();
        }
        catch (StorageException)
        {
            // It goes stale, or the next start on this host removes it. What the work gave, or what ended it, is what the caller must hear of.
        }
    }
}
