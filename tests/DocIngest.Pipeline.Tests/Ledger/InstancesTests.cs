using DocIngest.Pipeline.Ledger;
using DocIngest.Storage;

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
    public void Lock_files_of_the_dead_are_swept_unless_they_own_something()
    {
        using var own = Instances.Enter(_data, _locks);
        foreach (string name in new[] { "instance-dead", "instance-owner", "instance-" + own.Name })
        {
            using var file = _data.OpenAppend($"{DataFolder.Locks}/{name}");
        }

        own.Sweep(new HashSet<string> { "owner" });
        Assert.Equal(
            new[] { "instance-" + own.Name, "instance-owner" }.Order(StringComparer.Ordinal),
            _data.List(DataFolder.Locks).Select(entry => entry.Name).Order(StringComparer.Ordinal));
    }
}
