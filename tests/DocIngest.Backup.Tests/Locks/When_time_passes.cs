using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Storage;

namespace DocIngest.Backup.Tests.Locks;

/// <summary>Locks that are kept fresh, and locks that are lost.</summary>
public sealed class When_time_passes : InLockWorld
{
    [Fact]
    public async Task A_lock_stays_fresh_and_there_is_never_none()
    {
        await using (var held = await World.AcquireAsync(isExclusive: true))
        {
            var names = new HashSet<string>();
            for (int minute = 0; minute < 40; minute++)
            {
                names.Add(World.Folder.Files("locks")[0]);
                await World.PassAsync(TimeSpan.FromMinutes(1));
                var locks = await World.LocksAsync();
                Assert.InRange(locks.Count, 1, 2);
                Assert.All(locks, file => Assert.True(World.Now - file.Time.Instant < TimeSpan.FromMinutes(6.5)));
            }

            Assert.InRange(names.Count, 5, 9);
            Assert.False(held.Lost.IsCancellationRequested);
        }

        Assert.Equal(0, World.LockCount);
    }

    [Fact]
    public async Task A_disk_that_fails_for_a_while_is_outlived()
    {
        await using (var held = await World.AcquireAsync(isExclusive: false))
        {
            World.Folder.Volume.IsReadOnly = true;
            await World.PassAsync(TimeSpan.FromMinutes(20));
            World.Folder.Volume.IsReadOnly = false;
            await World.PassAsync(TimeSpan.FromMinutes(3));
            Assert.False(held.Lost.IsCancellationRequested);
            Assert.True(World.Now - Assert.Single(await World.LocksAsync()).Time.Instant < TimeSpan.FromMinutes(4));
        }

        Assert.Equal(0, World.LockCount);
    }

    [Fact]
    public async Task A_lock_that_cannot_be_refreshed_is_lost_before_others_take_it_for_stale()
    {
        var held = await World.AcquireAsync(isExclusive: false);
        var start = World.Clock.GetUtcNow();
        World.Folder.Volume.IsReadOnly = true;
        var work = held.RunAsync(
            async (_, stop) =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, World.Clock, stop);
                return 0;
            }, Cancellation);
        while (!held.Lost.IsCancellationRequested && World.Clock.GetUtcNow() - start < TimeSpan.FromHours(1))
            await World.PassAsync(TimeSpan.FromSeconds(30));
        Assert.InRange(World.Clock.GetUtcNow() - start, TimeSpan.FromMinutes(20), LockFile.StaleAfter);
        var error = await Assert.ThrowsAsync<LockLostException>(() => work);
        Assert.NotNull(error.InnerException);
        World.Folder.Volume.IsReadOnly = false;
        await held.DisposeAsync();
        Assert.Equal(0, World.LockCount);
    }

    [Fact]
    public async Task A_store_that_hangs_loses_the_lock()
    {
        var hanging = new HangingStore(new FolderStore(World.Folder));
        using var repository = await Repository.OpenAsync(hanging, RepositoryWorld.Password, Cancellation);
        var held = await World.RunAsync(RepositoryLock.AcquireAsync(repository, false, World.Owner(), World.Clock, TimeSpan.Zero, Cancellation));
        hanging.Release = new TaskCompletionSource();
        var start = World.Clock.GetUtcNow();
        while (!held.Lost.IsCancellationRequested && World.Clock.GetUtcNow() - start < TimeSpan.FromHours(1))
            await World.PassAsync(TimeSpan.FromSeconds(30));
        Assert.InRange(World.Clock.GetUtcNow() - start, TimeSpan.FromMinutes(20), LockFile.StaleAfter);
        hanging.Release.SetResult();
        await held.DisposeAsync();
        Assert.Equal(0, World.LockCount);
    }

    [Fact]
    public async Task After_a_long_sleep_a_lock_that_is_still_there_is_taken_up_again()
    {
        await using var held = await World.AcquireAsync(isExclusive: false);
        World.Clock.Advance(TimeSpan.FromHours(9));   // in one step: nobody could refresh
        await LockWorld.UntilAsync(() => World.LockCount == 2);
        await World.PassAsync(TimeSpan.FromSeconds(20));
        Assert.False(held.Lost.IsCancellationRequested);
        Assert.True(World.Now - Assert.Single(await World.LocksAsync()).Time.Instant < TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task After_a_long_sleep_a_lock_that_was_removed_is_lost()
    {
        var held = await World.AcquireAsync(isExclusive: false);
        World.Folder.Delete(World.Folder.Files("locks")[0]);
        World.Clock.Advance(TimeSpan.FromHours(9));
        await LockWorld.UntilAsync(() => held.Lost.IsCancellationRequested);
        Assert.Equal(0, World.LockCount);
        await held.DisposeAsync();
    }

    [Fact]
    public async Task After_a_long_sleep_a_lock_that_is_removed_meanwhile_is_lost()
    {
        var held = await World.AcquireAsync(isExclusive: false);
        string before = World.Folder.Files("locks")[0];
        World.Clock.Advance(TimeSpan.FromHours(9));
        await LockWorld.UntilAsync(() => World.LockCount == 2);
        World.Folder.Delete(before);   // between saving the new one and looking at the old one again
        await World.PassAsync(TimeSpan.FromSeconds(5));
        await LockWorld.UntilAsync(() => held.Lost.IsCancellationRequested);
        await held.DisposeAsync();
        Assert.Equal(0, World.LockCount);
    }

    [Fact]
    public async Task A_lock_that_was_removed_is_lost_at_the_next_refresh()
    {
        var held = await World.AcquireAsync(isExclusive: false);
        World.Folder.Delete(World.Folder.Files("locks")[0]);
        await World.PassAsync(TimeSpan.FromMinutes(6));
        await LockWorld.UntilAsync(() => held.Lost.IsCancellationRequested);
        Assert.Equal(0, World.LockCount);
        await held.DisposeAsync();
    }

    [Fact]
    public async Task Work_that_is_cancelled_by_its_caller_is_just_cancelled()
    {
        await using var held = await World.AcquireAsync(isExclusive: false);
        using var stop = new CancellationTokenSource();
        var work = held.RunAsync(
            async (_, either) =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, World.Clock, either);
                return 0;
            }, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);
        Assert.Equal(5, await held.RunAsync((_, _) => Task.FromResult(5), Cancellation));
    }

    [Fact]
    public async Task Every_failure_while_refreshing_is_outlived()
    {
        foreach (var kind in new[] { FaultKind.FailBefore, FaultKind.FailAfter, FaultKind.Full, FaultKind.TornWrite, FaultKind.FlushFails })
        {
            for (int n = 1; n <= 14; n++)
            {
                var plan = new FaultPlan(n, kind);
                using var world = await LockWorld.CreateAsync();
                using var faulty = await RepositoryWorld.OpenAsync(new FaultyFolder(world.Folder, plan));
                var held = await AcquireThroughAsync(world, faulty);
                if (held is null)
                {
                    await new LockFolder(world.Repository).UnlockAsync(world.Owner(), world.Clock, removeAll: true, Cancellation);
                    continue;   // it struck while the lock was taken
                }

                await world.PassAsync(TimeSpan.FromMinutes(8));
                Assert.False(held.Lost.IsCancellationRequested);
                Assert.Contains(await world.LocksAsync(), file => world.Now - file.Time.Instant < TimeSpan.FromMinutes(6.5));
                if (await Record.ExceptionAsync(async () => await held.DisposeAsync()) is null)
                    Assert.Equal(0, world.LockCount);
            }
        }
    }

    private static async Task<RepositoryLock?> AcquireThroughAsync(LockWorld world, Repository faulty)
    {
        try
        {
            return await world.RunAsync(RepositoryLock.AcquireAsync(faulty, false, world.Owner(), world.Clock, TimeSpan.Zero, Cancellation));
        }
        catch (StorageException)
        {
            return null;
        }
    }
}
