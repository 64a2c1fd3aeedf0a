using DocIngest.Backup.Backups;
using DocIngest.Backup.Checks;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Tests.Backups;
using DocIngest.Backup.Tests.Stores;

namespace DocIngest.Backup.Tests.Locks;

public sealed class When_work_begins_early : IAsyncLifetime
{
    private LockWorld _world = null!;   // set before each test

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _world = await LockWorld.CreateAsync();

    public ValueTask DisposeAsync()
    {
        _world.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task It_reads_before_the_lock_is_beyond_doubt_and_gives_nothing_until_it_is()
    {
        var holding = Terms().HoldAsync(_world.Repository, false, (_, _) => Task.FromResult(_world.LockCount), Cancellation);
        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
        Assert.False(holding.IsCompleted);
        Assert.Equal(1, await _world.RunAsync(holding));
        Assert.Equal(0, _world.LockCount);
    }

    [Fact]
    public async Task Who_came_at_the_same_time_ends_it()
    {
        var told = new TaskCompletionSource();
        var holding = Terms().HoldAsync(_world.Repository, false, (_, stop) => UntilToldAsync(told, stop), Cancellation);
        await LockWorld.UntilAsync(() => told.Task.IsCompleted);
        await _world.LeaveAsync(isExclusive: true);
        await Assert.ThrowsAsync<RepositoryLockedException>(() => _world.RunAsync(holding));
        Assert.Equal(1, _world.LockCount);   // the other's
    }

    [Fact]
    public async Task What_it_seemed_to_find_meanwhile_does_not_count()
    {
        var holding = Terms().HoldAsync<bool>(
            _world.Repository,
            false,
            async (_, _) =>
            {
                await _world.LeaveAsync(isExclusive: true);
                throw new DamagedRepositoryException(FileKind.Index, null, "somebody is just replacing it.");
            },
            Cancellation);
        await Assert.ThrowsAsync<RepositoryLockedException>(() => _world.RunAsync(holding));
    }

    [Fact]
    public async Task It_begins_again_if_it_may_wait()
    {
        int begun = 0;
        var other = FileId.Of([]);
        var holding = Terms(TimeSpan.FromMinutes(5)).HoldAsync(
            _world.Repository,
            false,
            async (confirmed, _) =>
            {
                if (++begun == 1)
                    other = await _world.LeaveAsync(isExclusive: true);
                await confirmed;
                return true;
            },
            Cancellation);
        await GiveUpAndLeaveAsync(() => other);
        Assert.True(await _world.RunAsync(holding));
        Assert.Equal(2, begun);
    }

    [Fact]
    public async Task What_was_counted_before_it_began_again_does_not_count()
    {
        var source = new MemorySource();
        source.Write("a/b", BackupWorld.Random(1000, 1));
        var terms = Terms(TimeSpan.FromMinutes(5));
        var backup = BackupRun.RunAsync(_world.Repository, source, BackupWorld.Options, terms, null, Cancellation);
        var result = await MeetAsync(backup);
        Assert.Equal((1ul, 1000ul), (result.Summary.FilesProcessed, result.Summary.BytesProcessed));

        var check = RepositoryCheck.RunAsync(_world.Repository, new CheckOptions { Reading = new PackReading.Everything() }, terms, null, Cancellation);
        var verdict = await MeetAsync(check);
        Assert.Empty(verdict.Findings);
        Assert.Equal(1, verdict.Snapshots.Total);
    }

    [Fact]
    public async Task Nothing_is_read_while_somebody_holds_a_lock_whom_the_first_look_missed()
    {
        int calls = 0;
        var store = new FailingStore(_world.Repository.Store);
        using var watched = await Repository.OpenAsync(store, RepositoryWorld.Password, Cancellation);
        store.BeforeCall = async () =>
        {
            if (++calls == 2)   // after the first look, before our lock is saved
                await _world.LeaveAsync(isExclusive: true);
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
        var running = BackupRun.RunAsync(_world.Repository, source, BackupWorld.Options, Terms(), null, Cancellation);
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, Cancellation);
        Assert.Empty(_world.Folder.Files("data"));
        Assert.Empty(_world.Folder.Files("index"));
        Assert.Empty(_world.Folder.Files("snapshots"));
        await _world.LeaveAsync(isExclusive: true);
        await Assert.ThrowsAsync<RepositoryLockedException>(() => _world.RunAsync(running));
        Assert.Empty(_world.Folder.Files("data"));
        Assert.Empty(_world.Folder.Files("index"));
        Assert.Empty(_world.Folder.Files("snapshots"));
    }

    /// <summary>Lets somebody come at the same time as an operation, and go when it has given up for the first time.</summary>
    private async Task<T> MeetAsync<T>(Task<T> operation)
    {
        await LockWorld.UntilAsync(() => _world.LockCount == 1);
        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);   // it works meanwhile; the less, the less is shown
        var other = await _world.LeaveAsync(isExclusive: true);
        await GiveUpAndLeaveAsync(() => other);
        return await _world.RunAsync(operation);
    }

    private async Task GiveUpAndLeaveAsync(Func<FileId> other)
    {
        await LockWorld.UntilAsync(() => _world.LockCount == 2);
        for (; _world.LockCount == 2; await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Cancellation))
            _world.Clock.Advance(TimeSpan.FromMilliseconds(50));
        await _world.Repository.Store.DeleteAsync(FileKind.Lock, other(), Cancellation);
    }

    private static async Task<bool> UntilToldAsync(TaskCompletionSource begun, CancellationToken stop)
    {
        begun.SetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
        return true;
    }

    private LockTerms Terms(TimeSpan retryFor = default) => new(_world.Owner(), _world.Clock, retryFor);
}
