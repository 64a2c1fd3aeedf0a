using System.Globalization;
using DocIngest.Backup.Encoding;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Backup.Tests.Locks;

public sealed class LockTests : InLockWorld
{
    [Fact]
    public void A_lock_has_the_bytes_that_restic_writes()
    {
        var file = new LockFile(new ZonedTime(new UnixTime(1_700_000_000, 500_000_000)), true, "h", "u", 42, 1000, 0);
        const string Json = """{"time":"2023-11-14T22:13:20.5Z","exclusive":true,"hostname":"h","username":"u","pid":42,"uid":1000}""";
        Assert.Equal(Json, System.Text.Encoding.UTF8.GetString(file.Write().Span));
        Assert.Equal(file, LockFile.Read(file.Write()));
    }

    [Theory]
    [InlineData("""{"time":"2023-11-14T22:13:20+01:00"}""", true)]
    [InlineData("""{"time":"2023-11-14T22:13:20Z","exclusive":null,"pid":-1,"x":{}}""", true)]
    [InlineData("""{"exclusive":true}""", false)]
    [InlineData("""{"time":"2023-11-14T22:13:20Z","exclusive":"yes"}""", false)]
    [InlineData("rubbish", false)]
    public void A_lock_is_taken_where_restic_takes_it(string json, bool expected)
    {
        var error = Record.Exception(() => LockFile.Read(System.Text.Encoding.UTF8.GetBytes(json)));
        Assert.Equal(expected, error is null);
        Assert.True(error is null or InvalidDataException);
    }

    [Theory]
    [InlineData(false, false, true)]
    [InlineData(false, true, false)]
    [InlineData(true, false, false)]
    [InlineData(true, true, false)]
    public async Task Only_exclusive_locks_exclude(bool first, bool second, bool expected)
    {
        await using (await World.AcquireAsync(first))
        {
            Assert.Equal(1, World.LockCount);
            if (expected)
            {
                await using var other = await World.AcquireAsync(second, processId: 2);
                Assert.Equal(2, World.LockCount);
            }
            else
            {
                await Assert.ThrowsAsync<RepositoryLockedException>(() => World.AcquireAsync(second, processId: 2));
            }

            Assert.Equal(1, World.LockCount);   // nothing of the other is left
        }

        Assert.Equal(0, World.LockCount);
    }

    [Fact]
    public async Task It_says_who_where_and_since_when()
    {
        await using var held = await World.AcquireAsync(isExclusive: true, processId: 3);
        var file = Assert.Single(await World.LocksAsync());
        Assert.Equal(("here", "tester", 3, true, 7u), (file.HostName, file.UserName, file.ProcessId, file.IsExclusive, file.UserId));
        Assert.True(World.Now - file.Time.Instant < TimeSpan.FromSeconds(2));
        var error = await Assert.ThrowsAsync<RepositoryLockedException>(() => World.AcquireAsync(false));
        Assert.Contains("exclusive lock of tester on here, process 3", error.Message);
    }

    [Fact]
    public async Task Of_two_that_come_at_once_at_most_one_gets_it()
    {
        var both = new[] { 1, 2 }.Select(id => Record.ExceptionAsync(async () =>
        {
            var held = await World.AcquireAsync(isExclusive: true, processId: id);
            await World.RunAsync(Task.Delay(TimeSpan.FromSeconds(1), World.Clock, Cancellation).ContinueWith(_ => true, TaskScheduler.Default));
            await held.DisposeAsync();
        }).AsTask()).ToArray();
        var errors = await Task.WhenAll(both);
        Assert.Contains(errors, error => error is RepositoryLockedException);
        Assert.Equal(0, World.LockCount);
    }

    [Fact]
    public async Task It_looks_again_after_it_has_saved_its_own()
    {
        var acquiring = RepositoryLock.AcquireAsync(World.Repository, false, World.Owner(), World.Clock, TimeSpan.Zero, Cancellation);
        await LockWorld.UntilAsync(() => World.LockCount == 1);
        await World.LeaveAsync(isExclusive: true);
        await Assert.ThrowsAsync<RepositoryLockedException>(() => World.RunAsync(acquiring));
        Assert.Equal(1, World.LockCount);
    }

    [Fact]
    public async Task Cancelled_while_it_waits_it_leaves_nothing()
    {
        using var stop = new CancellationTokenSource();
        var acquiring = RepositoryLock.AcquireAsync(World.Repository, false, World.Owner(), World.Clock, TimeSpan.Zero, stop.Token);
        await LockWorld.UntilAsync(() => World.LockCount == 1);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => acquiring);
        Assert.Equal(0, World.LockCount);
    }

    [Fact]
    public async Task It_tries_again_for_as_long_as_it_may()
    {
        var left = await World.LeaveAsync(isExclusive: true);
        await Assert.ThrowsAsync<RepositoryLockedException>(() => World.AcquireAsync(false, retryFor: TimeSpan.FromSeconds(4)));
        var acquiring = RepositoryLock.AcquireAsync(World.Repository, false, World.Owner(), World.Clock, TimeSpan.FromMinutes(10), Cancellation);
        await World.PassAsync(TimeSpan.FromMinutes(2));
        Assert.False(acquiring.IsCompleted);
        await World.Repository.Store.DeleteAsync(FileKind.Lock, left, Cancellation);
        await using var held = await World.RunAsync(acquiring);
        Assert.Equal(1, World.LockCount);
    }

    [Fact]
    public async Task Locks_of_dead_processes_of_this_host_are_removed()
    {
        await World.LeaveAsync(isExclusive: true, processId: 99, host: "here");
        await using var held = await World.AcquireAsync(isExclusive: true);
        Assert.Equal(1, Assert.Single(await World.LocksAsync()).ProcessId);
    }

    [Fact]
    public async Task In_a_container_the_number_of_the_dead_process_is_the_own()
    {
        await World.LeaveAsync(isExclusive: true, age: TimeSpan.FromHours(2), processId: 1, host: "here");   // from before this process began
        await using var held = await World.AcquireAsync(isExclusive: true);
        Assert.Equal(1, World.LockCount);
    }

    [Fact]
    public async Task After_a_restart_of_the_machine_the_number_of_the_dead_process_is_that_of_another()
    {
        await World.LeaveAsync(isExclusive: true, age: TimeSpan.FromMinutes(10), processId: 2, host: "here");
        World.Living[2] = new UnixTime(World.Now.Seconds - 300, 0);
        await using var held = await World.AcquireAsync(isExclusive: true);
        Assert.Equal(1, Assert.Single(await World.LocksAsync()).ProcessId);
    }

    [Fact]
    public async Task A_lock_younger_than_its_process_is_respected()
    {
        await World.LeaveAsync(isExclusive: true, age: TimeSpan.FromMinutes(4), processId: 2, host: "here");
        World.Living[2] = new UnixTime(World.Now.Seconds - 300, 0);
        await Assert.ThrowsAsync<RepositoryLockedException>(() => World.AcquireAsync(false));
        Assert.Equal(1, World.LockCount);
    }

    [Theory]
    [InlineData(2, "here", 40)]   // lives, but hangs
    [InlineData(99, "elsewhere", 0)]
    [InlineData(99, "elsewhere", 31)]   // stale, but nobody said unlock
    public async Task Locks_of_others_are_respected(int processId, string host, int ageMinutes)
    {
        await World.LeaveAsync(isExclusive: true, TimeSpan.FromMinutes(ageMinutes), processId, host);
        var error = await Assert.ThrowsAsync<RepositoryLockedException>(() => World.AcquireAsync(false));
        Assert.Equal(ageMinutes > 30, error.Message.Contains("stale"));
        Assert.Equal(1, World.LockCount);
    }

    [Fact]
    public async Task An_empty_lock_is_none()
    {
        World.Folder.Write($"locks/{FileId.Of([])}", []);
        await using var held = await World.AcquireAsync(isExclusive: true);
        Assert.Equal(2, World.LockCount);
    }

    [Fact]
    public async Task A_lock_that_stays_unreadable_is_in_the_way()
    {
        World.Folder.Write($"locks/{FileId.Of("rubbish"u8)}", [.. "rubbish"u8]);
        var start = World.Clock.GetUtcNow();
        var error = await Assert.ThrowsAsync<RepositoryLockedException>(() => World.AcquireAsync(false));
        Assert.Contains("--remove-all", error.Message);
        Assert.True(World.Clock.GetUtcNow() - start >= TimeSpan.FromSeconds(35));   // it was given the time to arrive
    }

    [Fact]
    public async Task A_lock_that_becomes_readable_is_read()
    {
        string path = $"locks/{FileId.Of("rubbish"u8)}";
        World.Folder.Write(path, [.. "rubbish"u8]);
        var acquiring = RepositoryLock.AcquireAsync(World.Repository, false, World.Owner(), World.Clock, TimeSpan.Zero, Cancellation);
        await World.PassAsync(TimeSpan.FromSeconds(2));
        Assert.False(acquiring.IsCompleted);
        World.Folder.Delete(path);
        await using var held = await World.RunAsync(acquiring);
    }

    [Fact]
    public async Task Unlock_removes_what_is_stale_and_all_only_when_it_is_told_to()
    {
        await World.LeaveAsync(false, TimeSpan.FromMinutes(31));
        await World.LeaveAsync(false, TimeSpan.FromMinutes(29));
        await World.LeaveAsync(false, processId: 99, host: "here");
        await World.LeaveAsync(false, processId: 2, host: "here");
        World.Folder.Write($"locks/{FileId.Of([])}", []);
        var locks = new LockFolder(World.Repository);
        Assert.Equal(2, await locks.UnlockAsync(World.Owner(), World.Clock, removeAll: false, Cancellation));
        Assert.Equal(3, World.LockCount);
        Assert.Equal(3, await locks.UnlockAsync(World.Owner(), World.Clock, removeAll: true, Cancellation));
        Assert.Equal(0, World.LockCount);
    }

    [Fact]
    public async Task This_process_lives_and_another_does_not()
    {
        var owner = LockOwner.ThisProcess("here");
        var now = new ZonedTime(UnixTime.Now(TimeProvider.System));
        Assert.False(owner.IsDead(new LockFile(now, false, "here", "", Environment.ProcessId, 0, 0)));
        Assert.True(owner.IsDead(new LockFile(now, false, "here", "", int.MaxValue, 0, 0)));
        Assert.False(owner.IsDead(new LockFile(now, false, "elsewhere", "", int.MaxValue, 0, 0)));
        Assert.True(owner.IsDead(new LockFile(new ZonedTime(new UnixTime(0, 0)), false, "here", "", Environment.ProcessId, 0, 0)));
        await Task.CompletedTask;
    }

    [Fact]
    public void Another_living_process_is_told_from_a_dead_one_that_had_its_number()
    {
        var owner = LockOwner.ThisProcess("here") with { ProcessId = 0 };
        var began = owner.Started.ToDateTimeOffset();
        Assert.False(owner.IsDead(LockAt(began + TimeSpan.FromSeconds(2))));
        Assert.True(owner.IsDead(LockAt(began - TimeSpan.FromSeconds(2))));

        static LockFile LockAt(DateTimeOffset time) => new(new ZonedTime(UnixTime.From(time)), false, "here", "", Environment.ProcessId, 0, 0);
    }

    [Fact]
    public void It_names_the_account_that_this_process_acts_as()
    {
        Needs.Linux();
        var owner = LockOwner.ThisProcess("here");
        Assert.Equal((Effective("Uid:"), Effective("Gid:")), (owner.UserId, owner.GroupId));

        // real, effective, saved, of the file system: proc(5)
        static uint Effective(string field) => uint.Parse(
            File.ReadLines("/proc/self/status").Single(line => line.StartsWith(field, StringComparison.Ordinal)).Split('\t')[2], CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Stopped_at_every_operation_it_leaves_at_most_locks_that_the_next_start_removes()
    {
        bool isCut = true;
        for (int n = 1; isCut; n++)
        {
            var plan = new FaultPlan(n, FaultKind.PowerCut);
            using var cut = await RepositoryWorld.OpenAsync(new FaultyFolder(World.Folder, plan));
            var whole = World.Repository;
            World.Repository = cut;
            isCut = await Record.ExceptionAsync(async () => await (await World.AcquireAsync(isExclusive: true, processId: 1)).DisposeAsync()) is PowerCutException;
            World.Repository = whole;
            World.Living.Remove(1);
            await using (await World.AcquireAsync(isExclusive: true, processId: 2))
                Assert.Single(await World.LocksAsync());
            World.Living[1] = default;
        }
    }
}
