using DocIngest.Backup.Tests.Backups;
using DocIngest.Storage;

namespace DocIngest.Backup.Tests.Pruning;

/// <summary>A prune is stopped at every operation of the repository's disk in turn; then the next one runs.</summary>
public sealed class When_a_prune_is_interrupted
{
    [Theory]
    [InlineData(FaultKind.FailBefore)]
    [InlineData(FaultKind.FailAfter)]
    [InlineData(FaultKind.TornWrite)]
    [InlineData(FaultKind.Full)]
    [InlineData(FaultKind.FlushFails)]
    public async Task By_a_failing_disk_all_snapshots_stay_whole(FaultKind kind)
    {
        var original = await WithWasteAsync();
        int failures = 0;
        for (int n = 1; ; n++, failures++)
        {
            var folder = PruneWorld.Copy(original);
            var plan = new FaultPlan(n, kind);
            var error = await Record.ExceptionAsync(() => PruneWorld.PruneAsync(new FaultyFolder(folder, plan)));
            if (!plan.Fired)
                break;
            Assert.True(error is null or StorageException, $"at {n}: {error}");
            await AssertWholeAsync(folder, $"failure at {n}");
        }

        Assert.True(failures >= 14, $"{failures}");
    }

    [Fact]
    public async Task By_a_power_cut_all_snapshots_stay_whole()
    {
        var original = await WithWasteAsync();
        int cuts = 0;
        foreach (var choice in PowerCutChoice.Samples(3))
        {
            for (int n = 1; ; n++, cuts++)
            {
                var folder = PruneWorld.Copy(original);
                var plan = new FaultPlan(n, FaultKind.PowerCut);
                var error = await Record.ExceptionAsync(() => PruneWorld.PruneAsync(new FaultyFolder(folder, plan)));
                if (!plan.Fired)
                    break;
                Assert.True(error is PowerCutException, $"at {n}: {error}");
                folder.Volume.PowerCut(choice);
                await AssertWholeAsync(folder, $"cut at {n}, {choice}");
            }
        }

        Assert.True(cuts >= 140, $"{cuts}");
    }

    private static async Task AssertWholeAsync(MemoryFolder folder, string when)
    {
        Assert.Equal(2, await BackupWorld.ReadAllAsync(folder));
        await PruneWorld.PruneAsync(folder, PruneWorld.Tight with { Grace = TimeSpan.Zero });
        Assert.Equal(2, await BackupWorld.ReadAllAsync(folder));
        Assert.True((await PruneWorld.PruneAsync(folder)).Done.IsIdle, when);
        Assert.True(BackupWorld.PackBytes(folder) < 130_000, when);   // of the 200,000 bytes before
    }

    private static async Task<MemoryFolder> WithWasteAsync()
    {
        var source = new MemorySource();
        var folder = await BackupWorld.NewRepositoryAsync();
        for (int i = 0; i < 10; i++)
            source.Write($"source/{i}", BackupWorld.Random(20_000, i));
        var first = await BackupWorld.BackUpAsync(folder, source);
        for (int i = 0; i < 5; i++)
            source.Remove($"source/{i}");
        await BackupWorld.BackUpAsync(folder, source);
        await BackupWorld.BackUpAsync(folder, source, BackupWorld.Options with { HostName = "another" });
        PruneWorld.Forget(folder, first.Snapshot);
        return folder;
    }
}
