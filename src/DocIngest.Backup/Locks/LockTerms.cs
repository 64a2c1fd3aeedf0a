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
    /// <exception cref="StorageException">Also where the work was done and only the lock could not be removed; it goes stale.</exception>
    internal async Task<T> HoldAsync<T>(Repository repository, bool isExclusive, Func<CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        var held = await RepositoryLock.AcquireAsync(repository, isExclusive, Owner, Time, RetryFor, cancellation);
        T result;
        try
        {
            result = await held.RunAsync(work, cancellation);
        }
        catch
        {
            await TryReleaseAsync(held);
            throw;
        }

        await held.DisposeAsync();
        return result;
    }

    private static async Task TryReleaseAsync(RepositoryLock held)
    {
        try
        {
            await held.DisposeAsync();
        }
        catch (StorageException)
        {
            // The lock goes stale, or the next start on this host removes it. What ended the work is what the caller must hear of.
        }
    }
}
