using DocIngest.Backup.Backups;
using DocIngest.Backup.Checks;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Tests.Backups;
using DocIngest.Backup.Tests.Stores;

namespace DocIngest.Backup.Tests.Locks;

public sealed class When_work_begins_early : InLockWorld
{
    [Fact]
    public async Task It_reads_before_the_lock_is_beyond_doubt_and_gives_nothing_until_it_is()
    {
        var holding = Terms().HoldAsync(World.Repository, false, (_, _) => Task.FromResult(World.LockCount), Cancellation);
        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
        Assert.False(holding.IsCompleted);
        Assert.Equal(1, await World.RunAsync(holding));
        Assert.Equal(0, World.LockCount);
    }

    [Fact]
    public async Task Who_came_at_the_same_time_ends_it()
    {
        var told = new TaskCompletionSource();
        var holding = Terms().HoldAsync(World.Repository, false, (_, stop) => UntilToldAsync(told, stop), Cancellation);
        await LockWorld.UntilAsync(() => told.Task.IsCompleted);
        await World.LeaveAsync(isExclusive: true);
        await Assert.ThrowsAsync<RepositoryLockedException>(() => World.RunAsync(holding));
        Assert.Equal(1, World.LockCount);   // the other's
    }

    [Fact]
    public async Task What_it_seemed_to_find_meanwhile_does_not_count()
    {
        var holding = Terms().HoldAsync<bool>(
            World.Repository,
            false,
            async (_, _) =>
            {
                await World.LeaveAsync(isExclusive: true);
                throw new DamagedRepositoryException(FileKind.Index, null, "somebody is just replacing it.");
            },
            Cancellation);
        await Assert.ThrowsAsync<RepositoryLockedException>(() => World.RunAsync(holding));
    }

    [Fact]
    public async Task It_begins_again_if_it_may_wait()
    {
        int begun = 0;
        var other = FileId.Of([]);
        var holding = Terms(TimeSpan.FromMinutes(5)).HoldAsync(
            World.Repository,
            false,
            async (held, _) =>
            {
                if (++begun == 1)
                    other = await World.LeaveAsync(isExclusive: true);
                await held.Confirmed;
                return true;
            },
            Cancellation);
        await GiveUpAndLeaveAsync(() => other);
        Assert.True(await World.RunAsync(holding));
        Assert.Equal(2, begun);
    }

    [Fact]
    public async Task What_was_counted_before_it_began_again_does_not_count()
    {
        var source = new MemorySource();
        source.Write("a/b", BackupWorld.Random(1000, 1));
        var terms = Terms(TimeSpan.FromMinutes(5));
        var backup = BackupRun.RunAsync(World.Repository, source, BackupWorld.Options, terms, null, Cancellation);
        var result = await MeetAsync(backup);
        Assert.Equal((1ul, 1000ul), (result.Summary.FilesProcessed, result.Summary.BytesProcessed));

        var check = RepositoryCheck.RunAsync(World.Repository, new CheckOptions { Reading = new PackReading.Everything() }, terms, null, Cancellation);
        var verdict = await MeetAsync(check);
        Assert.Empty(verdict.Findings);
        Assert.Equal(1, verdict.Snapshots.Total);
    }

    [Fact]
    public async Task Nothing_is_read_while_somebody_holds_a_lock_whom_the_first_look_missed()
    {
        int calls = 0;
        var store = new FailingStore(World.Repository.Store);
        using var watched = await Repository.OpenAsync(store, RepositoryWorld.Password, Cancellation);
        store.BeforeCall = async () =>
        {
            if (++calls == 2)   // after the first look, before our lock is saved
                await World.LeaveAsync(isExclusive: true);
        };
        int begun = 0;
        var holding = Terms().HoldAsync(watched, false, (_, _) => Task.FromResult(++begun), Cancellation);
        await Assert.ThrowsAsync<RepositoryLockedException>(() => holding);   // before any time has passed
        Assert.Equal(0, begun);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40 * 1024 * 1024)]   // more than a pack: it would be saved in the middle
    public async Task A_backup_saves_nothing_before_the_lock_is_beyond_doubt(int length)
    {
        var source = new MemorySource();
        source.Write("a/b", BackupWorld.Random(length, 1));
        var running = BackupRun.RunAsync(World.Repository, source, BackupWorld.Options, Terms(), null, Cancellation);
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, Cancellation);
        Assert.Empty(World.Folder.Files("data"));
        Assert.Empty(World.Folder.Files("index"));
        Assert.Empty(World.Folder.Files("snapshots"));
        await World.LeaveAsync(isExclusive: true);
        await Assert.ThrowsAsync<RepositoryLockedException>(() => World.RunAsync(running));
        Assert.Empty(World.Folder.Files("data"));
        Assert.Empty(World.Folder.Files("index"));
        Assert.Empty(World.Folder.Files("snapshots"));
    }

    /// <summary>Lets somebody come at the same time as an operation, and go when it has given up for the first time.</summary>
    private async Task<T> MeetAsync<T>(Task<T> operation)
    {
        await LockWorld.UntilAsync(() => World.LockCount == 1);
        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);   // it works meanwhile; the less, the less is shown
        var other = await World.LeaveAsync(isExclusive: true);
        await GiveUpAndLeaveAsync(() => other);
        return await World.RunAsync(operation);
    }

    private async Task GiveUpAndLeaveAsync(Func<FileId> other)
    {
        await LockWorld.UntilAsync(() => World.LockCount == 2);
        for (; World.LockCount == 2; await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancellation))
            World.Clock.Advance(TimeSpan.FromMilliseconds(50));
        await World.Repository.Store.DeleteAsync(FileKind.Lock, other(), Cancellation);
    }

    private static async Task<bool> UntilToldAsync(TaskCompletionSource begun, CancellationToken stop)
    {
        begun.SetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
        return true;
    }

    private LockTerms Terms(TimeSpan retryFor = default) => new(World.Owner(), World.Clock, retryFor);
}
