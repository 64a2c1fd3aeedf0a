using DocIngest.Backup.Repositories;
using DocIngest.Storage;

namespace DocIngest.Backup.Locks;

/// <summary>A lock that is held, and kept fresh, until it is disposed (restic-format 11).</summary>
/// <remarks>
/// <para>Exclusive: check, forget, prune, repair, removing keys. Not exclusive: everything else.</para>
/// <para>Refreshing saves a new lock before the old one is removed, so that there is always one. The old lock must still be there; when
/// refreshing has not worked for so long that others may soon take it for stale, also after the new one is saved. Otherwise somebody
/// removed it and may be deleting what we rely on, and the lock is lost. Operations ask the same before the step that counts: a clock
/// that is put forward makes a lock look older than its process, and dead to others on this host (<see cref="LockOwner.IsDead"/>).</para>
/// </remarks>
public sealed class RepositoryLock : IAsyncDisposable
{
    private static readonly TimeSpan RefreshEvery = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RetryEvery = TimeSpan.FromMinutes(1);

    /// <summary>From here on the lock may become stale before a refresh is seen by all.</summary>
    private static readonly TimeSpan DoubtfulAfter = LockFile.StaleAfter - (1.5 * RefreshEvery);

    /// <summary>From here on others may take it for stale any moment, as far as clocks differ.</summary>
    private static readonly TimeSpan HopelessAfter = LockFile.StaleAfter - TimeSpan.FromMinutes(1);

    /// <summary>How often the clock is looked at. Short, because timers stand still while the machine sleeps, and others' clocks do not.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    private readonly Repository _repository;
    private readonly LockAcquisition _acquisition;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _lost = new();
    private readonly Task _watching;
    private readonly Task _confirmed;

    // Only the one attempt that runs, and after the last of them who disposes.
    private readonly List<FileId> _saved;

    private readonly Lock _gate = new();
    private FileId _current;   // under _gate

    private LockLostException? _failure;

    private RepositoryLock(Repository repository, LockAcquisition acquisition, FileId own, TimeProvider time, CancellationToken cancellation)
    {
        _repository = repository;
        _acquisition = acquisition;
        _time = time;
        _saved = [own];
        _current = own;
        _watching = WatchAsync(new PeriodicTimer(LookEvery, time), time.GetUtcNow());
        _confirmed = ConfirmAsync(own, cancellation);
    }

    /// <summary>Is cancelled when the lock could not be kept: everything that relies on it must stop.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Ends once the lock is beyond doubt: before, nothing may be changed. Fails where somebody came at the same time.</summary>
    internal Task Confirmed => _confirmed;

    private FileId Current
    {
        get
        {
            lock (_gate)
                return _current;
        }

        set
        {
            lock (_gate)
                _current = value;
        }
    }

    /// <summary>Takes a lock. Locks that dead processes of this host left are removed on the way; stale ones of others are not.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="isExclusive">Whether nobody else may work there.</param>
    /// <param name="owner">In whose name.</param>
    /// <param name="time">For timestamps and pauses.</param>
    /// <param name="retryFor">How long to try again while somebody else is in the way; zero: not at all.</param>
    /// <param name="cancellation">Gives up; no lock is left.</param>
    /// <exception cref="RepositoryLockedException">Somebody else is in the way, or a lock cannot be read.</exception>
    public static async Task<RepositoryLock> AcquireAsync(
        Repository repository, bool isExclusive, LockOwner owner, TimeProvider time, TimeSpan retryFor, CancellationToken cancellation)
    {
        var acquisition = new LockAcquisition(repository, isExclusive, owner, time);
        return await acquisition.RetryAsync(
            retryFor,
            async () =>
            {
                var begun = await BeginAsync(repository, acquisition, time, cancellation);
                try
                {
                    await begun._confirmed;
                    return begun;
                }
                catch
                {
                    await begun.TryReleaseAsync();
                    throw;
                }
            },
            cancellation);
    }

    /// <summary>Saves a lock that is not beyond doubt yet.</summary>
    internal static async Task<RepositoryLock> BeginAsync(
        Repository repository, LockAcquisition acquisition, TimeProvider time, CancellationToken cancellation) =>
        new(repository, acquisition, await acquisition.BeginAsync(cancellation), time, cancellation);

    /// <summary>Does something under the lock: it is told to stop when the lock is lost, or turns out not to be ours.</summary>
    /// <param name="work">Must await <see cref="Confirmed"/> before it changes anything.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="RepositoryLockedException">Somebody came at the same time. What the work gave, or what ended it, is dropped.</exception>
    /// <exception cref="LockLostException">The lock was lost, and the work stopped for it.</exception>
    internal async Task<T> RunAsync<T>(Func<RepositoryLock, CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, Lost);
        try
        {
            var result = await work(this, either.Token);
            await _confirmed;
            return result;
        }
        catch (Exception error)
        {
            await _confirmed;   // what was found before may be what somebody else was about to change
            if (error is OperationCanceledException && Lost.IsCancellationRequested && !cancellation.IsCancellationRequested)
                throw new LockLostException(_failure?.Message ?? "The lock was lost.", _failure);
            throw;
        }
    }

    /// <summary>Makes sure that nobody removed the lock: to be asked right before what others must not be in the way of.</summary>
    /// <exception cref="LockLostException">It is gone. Whoever removed it may work in the repository.</exception>
    internal async Task DemandHeldAsync(CancellationToken cancellation)
    {
        for (FileId? looked = null; looked != Current;)   // it may just have been refreshed
        {
            looked = Current;
            if (await _repository.Store.FindAsync(FileKind.Lock, looked.Value, cancellation) is not null)
                return;
        }

        throw new LockLostException(
            $"{_repository.Store.DisplayName}: somebody removed the lock of this process, and may have changed what it relies on. What it was about to do was not done.");
    }

    /// <summary>Gives the lock up, if it can: else it goes stale, or the next start on this host removes it.</summary>
    internal async Task TryReleaseAsync()
    {
        try
        {
            await DisposeAsync();
        }
        catch (StorageException)
        {
            // What the work gave, or what ended it, is what the caller must hear of.
        }
    }

    /// <summary>Gives the lock up.</summary>
    /// <exception cref="StorageException">It could not be removed. It becomes stale after half an hour, or when this process ends.</exception>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        try
        {
            await _confirmed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);   // whoever needed it has awaited it
            await _watching;
        }
        finally
        {
            await RemoveAsync(_saved.Count, CancellationToken.None);
            _stopping.Dispose();
            _lost.Dispose();
        }
    }

    /// <summary>Makes sure that nobody came at the same time. Otherwise whoever works under the lock is told to stop.</summary>
    private async Task ConfirmAsync(FileId own, CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _stopping.Token);
        try
        {
            await _acquisition.ConfirmAsync(own, either.Token);
        }
        catch
        {
            await _lost.CancelAsync();
            throw;
        }
    }

    private async Task WatchAsync(PeriodicTimer timer, DateTimeOffset refreshed)
    {
        try
        {
            await KeepFreshAsync(timer, refreshed);
        }
        finally
        {
            // Whatever ended the watch but disposing: nobody refreshes any more.
            if (!_stopping.IsCancellationRequested)
                await _lost.CancelAsync();
            timer.Dispose();
        }
    }

    /// <summary>Looks at the clock and starts attempts to refresh, one at a time.</summary>
    private async Task KeepFreshAsync(PeriodicTimer timer, DateTimeOffset refreshed)
    {
        var attempt = Task.FromResult<DateTimeOffset?>(refreshed);
        var attempted = refreshed;
        while (!_lost.IsCancellationRequested && await NextLookAsync(timer))
        {
            if (attempt.IsCompleted)
                refreshed = await attempt ?? refreshed;

            // By the wall clock: others judge the lock by the time written in it.
            var now = _time.GetUtcNow();
            var age = now - refreshed;
            if (now - attempted < RetryEvery || age < RefreshEvery)
                continue;
            if (!attempt.IsCompleted)
            {
                if (age >= HopelessAfter)
                    await LoseAsync(null);   // a store that does not answer
                continue;
            }

            attempted = now;
            attempt = Task.Run(() => TryRefreshAsync(age), CancellationToken.None);
        }

        await attempt;
    }

    private async Task<bool> NextLookAsync(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(_stopping.Token);
        }
        catch (OperationCanceledException)
        {
            return false;   // disposed
        }
    }

    /// <summary>Refreshes a lock of this age, if it can. Loses it if that was the last chance.</summary>
    /// <returns>When it was refreshed; null where it was not.</returns>
    private async Task<DateTimeOffset?> TryRefreshAsync(TimeSpan age)
    {
        bool isDoubtful = age >= DoubtfulAfter;
        var left = (isDoubtful ? HopelessAfter : DoubtfulAfter) - age;
        using var deadline = new CancellationTokenSource(left > TimeSpan.Zero ? left : RetryEvery, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _stopping.Token);
        DateTimeOffset? refreshed = null;
        try
        {
            int old = _saved.Count;
            var now = _time.GetUtcNow();
            await ReplaceAsync(isDoubtful, stop.Token);
            refreshed = now;
            await RemoveAsync(old, stop.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Disposed: whatever was saved is removed there.
        }
        catch (Exception error) when (error is StorageException or BackupException or OperationCanceledException)
        {
            // Refreshed although the old lock is still there, or not doubtful yet: a later look tries again.
            if ((isDoubtful || error is LockLostException) && refreshed is null)
                await LoseAsync(error);
        }

        return refreshed;
    }

    private async Task ReplaceAsync(bool isDoubtful, CancellationToken cancellation)
    {
        await DemandHeldAsync(cancellation);
        var fresh = _acquisition.Seal();
        _saved.Add(fresh.Id);
        await _repository.SaveAsync(fresh, cancellation);
        if (isDoubtful)
        {
            await _acquisition.SettleAsync(cancellation);
            await DemandHeldAsync(cancellation);
        }

        Current = fresh.Id;
    }

    private async Task LoseAsync(Exception? error)
    {
        _failure = error as LockLostException
            ?? new LockLostException($"{_repository.Store.DisplayName}: the lock could not be refreshed for {DoubtfulAfter.TotalMinutes:0} minutes.", error);
        await _lost.CancelAsync();
    }

    /// <summary>Removes the first of what was saved. What cannot be removed now is tried again later.</summary>
    private async Task RemoveAsync(int count, CancellationToken cancellation)
    {
        for (; count > 0; count--)
        {
            await _repository.Store.DeleteAsync(FileKind.Lock, _saved[0], cancellation);
            _saved.RemoveAt(0);
        }
    }
}
