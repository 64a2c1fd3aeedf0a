using DocIngest.Backup.Encoding;
using DocIngest.Backup.Repositories;
using DocIngest.Storage;

namespace DocIngest.Backup.Locks;

/// <summary>One attempt after another to take a lock (restic-format 11).</summary>
/// <remarks>
/// <para>(1) Look at all locks, (2) save one's own, (3) look again, (4) wait a little, (5) look a last time. Of two who come at the same
/// time both see the other's at 5, and both give up. A crash after 2 leaves a lock that the next start on this host removes.</para>
/// <para>Restic does without 3. With it what is read from then on can be relied on if 5 finds nobody: who might have been changing it
/// had either given his lock up before 3, and was done, or has it still at 5, or saw ours and gave up.</para>
/// </remarks>
internal sealed class LockAcquisition(Repository repository, bool isExclusive, LockOwner owner, TimeProvider time)
{
    private static readonly TimeSpan BetweenSaveAndLook = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan[] PausesForUnreadable = [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20)];

    private readonly LockFolder _locks = new(repository);

    /// <summary>Tries something that takes the lock until nobody is in the way, or <paramref name="retryFor"/> is over.</summary>
    internal async Task<T> RetryAsync<T>(TimeSpan retryFor, Func<Task<T>> attempt, CancellationToken cancellation)
    {
        long start = time.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                return await attempt();
            }
            catch (RepositoryLockedException) when (time.GetElapsedTime(start) + pause <= retryFor)
            {
                await Task.Delay(pause, time, cancellation);
            }
        }
    }

    /// <summary>Saves a lock where nobody seems to be in the way: steps 1 to 3. It counts once <see cref="ConfirmAsync"/> has ended.</summary>
    internal async Task<FileId> BeginAsync(CancellationToken cancellation)
    {
        await DemandFreeAsync(null, cancellation);   // 1
        var own = Seal();
        try
        {
            await repository.SaveAsync(own, cancellation);   // 2
            await DemandFreeAsync(own.Id, cancellation);   // 3
            return own.Id;
        }
        catch
        {
            await TryTakeBackAsync(own.Id);
            throw;
        }
    }

    /// <summary>Makes sure of a lock that was just saved: steps 4 and 5.</summary>
    /// <exception cref="RepositoryLockedException">Somebody came at the same time: both must give up.</exception>
    internal async Task ConfirmAsync(FileId own, CancellationToken cancellation)
    {
        await SettleAsync(cancellation);   // 4
        await DemandFreeAsync(own, cancellation);   // 5
    }

    /// <summary>A lock with the present time, to be saved: its name is known before it can be left behind.</summary>
    internal SealedFile Seal()
    {
        var now = new ZonedTime(UnixTime.Now(time));
        var file = new LockFile(now, isExclusive, owner.HostName, owner.UserName, owner.ProcessId, owner.UserId, owner.GroupId);
        return repository.SealUnpacked(FileKind.Lock, file.Write());
    }

    /// <summary>Waits for as long as others may take between looking and saving.</summary>
    internal Task SettleAsync(CancellationToken cancellation) => Task.Delay(BetweenSaveAndLook, time, cancellation);

    private async Task TryTakeBackAsync(FileId own)
    {
        try
        {
            await repository.Store.DeleteAsync(FileKind.Lock, own, CancellationToken.None);
        }
        catch (StorageException)
        {
            // It goes stale, and the next start on this host removes it. What ended the attempt is what the caller must hear of.
        }
    }

    private async Task DemandFreeAsync(FileId? own, CancellationToken cancellation)
    {
        for (int attempt = 0; ; attempt++)
        {
            var unreadable = await LookAsync(own, cancellation);
            if (unreadable is null)
                return;
            if (attempt == PausesForUnreadable.Length)
            {
                throw new RepositoryLockedException(
                    $"{repository.Store.DisplayName}: the lock {unreadable.Id} cannot be read. " +
                    "Make sure that nobody works in the repository, then remove all locks with: backup unlock --remove-all");
            }

            await Task.Delay(PausesForUnreadable[attempt], time, cancellation);   // it may just be arriving
        }
    }

    /// <summary>Removes the locks of dead processes of this host, and looks for one that is in the way.</summary>
    /// <returns>A lock that cannot be read, if there is one.</returns>
    private async Task<ListedLock?> LookAsync(FileId? own, CancellationToken cancellation)
    {
        ListedLock? unreadable = null;
        await foreach (var listed in _locks.ListAsync(cancellation))
        {
            if (listed.Id == own)
                continue;
            if (listed.File is not { } file)
                unreadable = listed;
            else if (owner.IsDead(file))
                await repository.Store.DeleteAsync(FileKind.Lock, listed.Id, cancellation);
            else if (isExclusive || file.IsExclusive)
                throw InTheWay(file);
        }

        return unreadable;
    }

    private RepositoryLockedException InTheWay(LockFile file) => new(
        $"{repository.Store.DisplayName}: in the way is the {file}." +
        (owner.IsStale(file, time.GetUtcNow()) ? " It is stale: remove it with: backup unlock" : ""));
}
