using DocIngest.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Storage.Tests;

public sealed class OsLocksTests : NamedLocksContract, IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    protected override INamedLocks Locks(TimeProvider time) => new OsLocks(_temp["locks"], time);

    [Fact]
    public async Task A_lock_of_another_process_holds_until_it_is_killed()
    {
        string file = _temp["service"];
        using var child = await ChildProcess.StartAsync(Cancellation, "hold-lock", file);
        Assert.Null(OsLock.TryAcquire(file));
        await child.KillAsync(Cancellation);
        using var mine = OsLock.TryAcquire(file);
        Assert.NotNull(mine);
    }

    [Fact]
    public async Task A_lock_held_here_keeps_another_process_waiting()
    {
        string file = _temp["service"];
        using (OsLock.TryAcquire(file))
        {
            using var child = await ChildProcess.StartAsync(Cancellation, "hold-lock", file);
            Assert.Null(OsLock.TryAcquire(file));
        }

        using var free = await OsLock.AcquireAsync(file, TimeSpan.FromMinutes(1), TimeProvider.System, Cancellation);
        Assert.NotNull(free);
    }

    [Fact]
    public void A_temporary_lock_leaves_no_file_also_where_a_dead_holder_left_one()
    {
        File.WriteAllText(_temp["dead"], "");
        foreach (string name in new[] { "new", "dead" })
        {
            using (OsLock.TryAcquireTemporary(_temp[name]))
                Assert.Null(OsLock.TryAcquireTemporary(_temp[name]));
            Assert.False(File.Exists(_temp[name]));
        }
    }

    [Fact]
    public void A_lock_whose_file_goes_and_comes_again_has_one_holder()
    {
        int holders = 0;
        int meetings = 0;
        Parallel.For(0, 8, _ =>
        {
            for (int n = 0; n < 2_000; n++)
            {
                using var held = OsLock.TryAcquireTemporary(_temp["a"]);
                if (held is null)
                    continue;
                if (Interlocked.Increment(ref holders) > 1)
                    Interlocked.Increment(ref meetings);
                Thread.Yield();
                Interlocked.Decrement(ref holders);
            }
        });
        Assert.Equal(0, meetings);
    }

    [Fact]
    public void A_lock_in_a_missing_folder_is_an_error() =>
        Assert.Throws<EntryNotFoundException>(() => OsLock.TryAcquire(_temp["none/lock"]));
}

public sealed class MemoryLocksTests : NamedLocksContract
{
    private MemoryLocks? _locks;

    protected override INamedLocks Locks(TimeProvider time) => _locks ??= new MemoryLocks(time);

    [Fact]
    public void The_dead_hold_nothing_and_release_nothing()
    {
        var locks = new MemoryLocks(TimeProvider.System);
        var dead = locks.TryAcquire("a");
        locks.HoldersDie();
        using var living = locks.TryAcquire("a");
        dead?.Dispose();
        Assert.Null(locks.TryAcquire("a"));
    }
}

/// <summary>What all named locks promise.</summary>
public abstract class NamedLocksContract
{
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected abstract INamedLocks Locks(TimeProvider time);

    [Fact]
    public void One_holder_at_a_time_in_one_process_too()
    {
        var locks = Locks(TimeProvider.System);
        using (locks.TryAcquire("a"))
        {
            Assert.Null(locks.TryAcquire("a"));
            Assert.Null(Locks(TimeProvider.System).TryAcquire("a"));
            using var other = locks.TryAcquire("b");
            Assert.NotNull(other);
        }

        using var again = locks.TryAcquire("a");
        Assert.NotNull(again);
    }

    [Fact]
    public void Disposing_twice_releases_once()
    {
        var locks = Locks(TimeProvider.System);
        var first = locks.TryAcquire("a");
        first?.Dispose();
        using var second = locks.TryAcquire("a");
        first?.Dispose();
        Assert.Null(locks.TryAcquire("a"));
    }

    [Fact]
    public async Task Who_waits_gets_it_when_it_is_given_up()
    {
        var locks = Locks(TimeProvider.System);
        var held = locks.TryAcquire("a");
        var waiting = locks.AcquireAsync("a", Timeout.InfiniteTimeSpan, Cancellation);
        Assert.False(waiting.IsCompleted);
        held?.Dispose();
        (await waiting).Dispose();
    }

    [Fact]
    public async Task Waiting_ends_with_the_timeout_by_the_given_clock()
    {
        var clock = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(1) };
        var locks = Locks(clock);
        using var held = locks.TryAcquire("a");
        var waiting = locks.AcquireAsync("a", TimeSpan.FromSeconds(1), Cancellation);
        await Assert.ThrowsAsync<LockHeldException>(() => waiting);
    }

    [Fact]
    public async Task Waiting_can_be_cancelled()
    {
        var locks = Locks(TimeProvider.System);
        using var held = locks.TryAcquire("a");
        using var stop = new CancellationTokenSource();
        var waiting = locks.AcquireAsync("a", Timeout.InfiniteTimeSpan, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../a")]
    [InlineData(".a")]
    [InlineData("a/b")]
    public void A_name_that_could_lead_elsewhere_is_refused(string name) =>
        Assert.Throws<ArgumentException>(() => Locks(TimeProvider.System).TryAcquire(name));
}
