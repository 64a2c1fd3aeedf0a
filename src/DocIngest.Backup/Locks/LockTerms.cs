using DocIngest.Backup.Repositories;

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
    /// <exception cref="RepositoryLockedException">Somebody else is in the way. Nothing was changed.</exception>
    /// <exception cref="LockLostException">The lock was lost, and the work stopped for it.</exception>
    /// <remarks>A lock that cannot be removed at the end goes stale; that changes nothing about what was done.</remarks>
    internal Task<T> HoldAsync<T>(Repository repository, bool isExclusive, Func<CancellationToken, Task<T>> work, CancellationToken cancellation) =>
        HoldAsync(
            repository,
            isExclusive,
            async (held, stop) =>
            {
                await held.Confirmed;
                return await work(stop);
            },
            cancellation);

    /// <summary>As the other, for work that begins by reading, while the lock is not beyond doubt yet; or that makes sure of it at the end.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="isExclusive">Whether nobody else may work there meanwhile.</param>
    /// <param name="work">What to do. It must await <see cref="RepositoryLock.Confirmed"/> before it changes anything. If somebody turns out
    /// to be in the way, it is told to stop, what it gave is dropped, and it may be called once more.</param>
    /// <param name="cancellation">Gives up.</param>
    internal Task<T> HoldAsync<T>(
        Repository repository, bool isExclusive, Func<RepositoryLock, CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        var acquisition = new LockAcquisition(repository, isExclusive, Owner, Time);
        return acquisition.RetryAsync(
            RetryFor,
            async () =>
            {
                var held = await RepositoryLock.BeginAsync(repository, acquisition, Time, cancellation);
                try
                {
                    return await held.RunAsync(work, cancellation);
                }
                finally
                {
                    await held.TryReleaseAsync();
                }
            },
            cancellation);
    }
}
