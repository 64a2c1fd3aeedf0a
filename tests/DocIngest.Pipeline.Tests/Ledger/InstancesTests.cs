using DocIngest.Pipeline.Ledger;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Pipeline.Tests.Ledger;

public sealed class InstancesTests
{
    private readonly MemoryFolder _data = new MemoryVolume().FolderAt("data");
    private readonly MemoryLocks _locks = new(TimeProvider.System);

    [Fact]
    public async Task A_live_owner_is_left_alone_a_dead_one_is_taken_up()
    {
        using var live = Instances.Enter(_data, _locks);
        using var other = Instances.Enter(_data, _locks);
        Assert.False(await other.TryTakeUpAsync(live.Name, () => throw new InvalidOperationException()));
        Assert.False(await other.TryTakeUpAsync(other.Name, () => throw new InvalidOperationException()));

        _locks.HoldersDie();
        bool tookUp = false;
        Assert.True(await other.TryTakeUpAsync(live.Name, () =>
        {
            Assert.Null(_locks.TryAcquire("instance-" + live.Name));   // nobody else can do the same meanwhile
            tookUp = true;
            return Task.CompletedTask;
        }));
        Assert.True(tookUp);
    }

    [Fact]
    public async Task No_lock_file_is_left_of_the_swept_the_taken_up_and_those_who_left()
    {
        using var disk = new TempFolder();
        using var volumes = new LocalVolumes();
        var data = volumes.Open(disk.Path);
        var locks = new OsLocks(disk[DataFolder.Locks], TimeProvider.System);
        using (var own = Instances.Enter(data, locks))
        {
            using var other = Instances.Enter(data, locks);
            foreach (string name in new[] { "instance-dead", "instance-owner", "service" })
            {
                data.Create($"{DataFolder.Locks}/{name}").Dispose();
            }

            own.Sweep(new HashSet<string> { "owner" });
            Assert.Equal(
                new[] { "instance-" + own.Name, "instance-" + other.Name, "instance-owner", "service" }.Order(StringComparer.Ordinal), Names());

            Assert.True(await own.TryTakeUpAsync("owner", () => Task.CompletedTask));
            Assert.True(await own.TryTakeUpAsync("never-had-a-file", () => Task.CompletedTask));
            Assert.DoesNotContain("instance-owner", Names());
        }

        Assert.Equal(["service"], Names());

        IEnumerable<string> Names() => data.List(DataFolder.Locks).Select(entry => entry.Name).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task Nobody_alive_is_taken_for_dead_while_others_sweep()
    {
        using var disk = new TempFolder();
        using var volumes = new LocalVolumes();
        var data = volumes.Open(disk.Path);
        var locks = new OsLocks(disk[DataFolder.Locks], TimeProvider.System);
        using var sweeper = Instances.Enter(data, locks);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var sweeping = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                sweeper.Sweep(new HashSet<string>());
            }
        }, TestContext.Current.CancellationToken);
        for (int n = 0; n < 500; n++)
        {
            using var live = Instances.Enter(data, locks);
            Assert.False(await sweeper.TryTakeUpAsync(live.Name, () => Task.CompletedTask), $"{n}");
        }

        await stop.CancelAsync();
        await sweeping;
    }
}
