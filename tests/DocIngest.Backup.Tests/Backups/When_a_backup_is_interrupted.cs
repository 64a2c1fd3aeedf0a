using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;
using DocIngest.Storage;

namespace DocIngest.Backup.Tests.Backups;

/// <summary>A backup is stopped at every operation of the repository's disk in turn; then the next one runs.</summary>
public sealed class When_a_backup_is_interrupted
{
    private readonly MemorySource _source = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public When_a_backup_is_interrupted()
    {
        for (int i = 0; i < 12; i++)
            _source.Write($"source/{i % 3}/{i}", BackupWorld.Random(20_000 + i, i));
    }

    [Theory]
    [InlineData(FaultKind.FailBefore)]
    [InlineData(FaultKind.FailAfter)]
    [InlineData(FaultKind.TornWrite)]
    [InlineData(FaultKind.Full)]
    [InlineData(FaultKind.FlushFails)]
    public async Task By_a_failing_disk_every_snapshot_is_whole_and_the_next_one_is_made(FaultKind kind)
    {
        int failures = 0;
        for (int n = 1; ; n++, failures++)
        {
            var folder = await WithOneSnapshotAsync();
            var plan = new FaultPlan(n, kind);
            var error = await Record.ExceptionAsync(() => BackupWorld.BackUpAsync(new FaultyFolder(folder, plan), _source));
            if (!plan.Fired)
            {
                Assert.Null(error);
                break;
            }

            Assert.True(error is null or StorageException, $"at {n}: {error}");
            await AssertWholeAsync(folder, $"failure at {n}");
        }

        Assert.True(failures >= 12, $"{failures}");   // two packs, an index, a snapshot and a lock, of several operations each
    }

    [Fact]
    public async Task By_a_power_cut_every_snapshot_is_whole_and_the_next_one_is_made()
    {
        int cuts = 0;
        foreach (var choice in PowerCutChoice.Samples(3))
        {
            for (int n = 1; ; n++, cuts++)
            {
                var folder = await WithOneSnapshotAsync();
                var plan = new FaultPlan(n, FaultKind.PowerCut);
                var error = await Record.ExceptionAsync(() => BackupWorld.BackUpAsync(new FaultyFolder(folder, plan), _source));
                if (!plan.Fired)
                    break;
                Assert.True(error is PowerCutException, $"at {n}: {error}");
                folder.Volume.PowerCut(choice);
                await AssertWholeAsync(folder, $"cut at {n}, {choice}");
            }
        }

        Assert.True(cuts >= 120, $"{cuts}");
    }

    [Fact]
    public async Task What_it_stored_is_used_by_the_next_one()
    {
        for (int i = 0; i < 100; i++)
            _source.Write($"source/large/{i}", BackupWorld.Random(500_000, i));
        var whole = await BackupWorld.NewRepositoryAsync();
        await BackupWorld.BackUpAsync(whole, _source);

        var folder = await BackupWorld.NewRepositoryAsync();
        _source.Write("source/large/zz", 1000, () =>
        {
            SpinWait.SpinUntil(() => Packs(folder) >= 2, TimeSpan.FromMinutes(1));
            throw new InvalidOperationException("Stopped here.");   // no error that a source may have: it ends the run
        });
        await Assert.ThrowsAsync<InvalidOperationException>(() => BackupWorld.BackUpAsync(folder, _source));
        int packs = Packs(folder);
        Assert.Empty(folder.Files("index"));
        Assert.True(packs >= 2, $"{packs}");

        _source.Remove("source/large/zz");
        var result = await BackupWorld.BackUpAsync(folder, _source);
        Assert.Equal(packs, result.AdoptedPacks);
        Assert.InRange(BackupWorld.PackBytes(folder), 0, BackupWorld.PackBytes(whole) + 100_000);
        Assert.Equal(112, (await BackupWorld.ReadAsync(folder, result.Snapshot!.Value)).Count);
        Assert.Equal(0, (await BackupWorld.BackUpAsync(folder, _source)).AdoptedPacks);
    }

    [Fact]
    public async Task While_somebody_else_works_there_packs_without_an_index_are_left_alone()
    {
        var folder = await BackupWorld.NewRepositoryAsync();
        using var repository = await RepositoryWorld.OpenAsync(folder);
        var pack = RepositoryWorld.Pack(repository, BlobType.Data, [1, 2, 3]);
        await repository.Store.SaveAsync(FileKind.Pack, pack.Id, pack.Content, Cancellation);
        string other = await SaveLockAsync(repository);
        Assert.Equal(0, (await BackupWorld.BackUpAsync(folder, _source)).AdoptedPacks);
        folder.Delete($"locks/{other}");
        Assert.Equal(1, (await BackupWorld.BackUpAsync(folder, _source)).AdoptedPacks);
    }

    [Fact]
    public async Task A_pack_that_is_lost_is_stored_again_and_heals_older_snapshots()
    {
        var folder = await BackupWorld.NewRepositoryAsync();
        var first = await BackupWorld.BackUpAsync(folder, _source);
        foreach (string pack in folder.Files("data"))
            folder.Delete(pack);

        var second = await BackupWorld.BackUpAsync(folder, _source);
        Assert.NotEmpty(second.Alarms);
        Assert.Equal(12, (await BackupWorld.ReadAsync(folder, second.Snapshot!.Value)).Count);
        Assert.Equal(12, (await BackupWorld.ReadAsync(folder, first.Snapshot!.Value)).Count);
    }

    [Fact]
    public async Task A_pack_that_was_cut_short_is_stored_again()
    {
        var folder = await BackupWorld.NewRepositoryAsync();
        await BackupWorld.BackUpAsync(folder, _source);
        string largest = folder.Files("data").MaxBy(path => folder.Find(path)!.Stamp.SizeBytes)!;
        folder.Write(largest, folder.Read(largest)[..1000]);
        var result = await BackupWorld.BackUpAsync(folder, _source);
        Assert.NotEmpty(result.Alarms);
        Assert.Equal(12, (await BackupWorld.ReadAsync(folder, result.Snapshot!.Value)).Count);
    }

    private static int Packs(MemoryFolder folder) => folder.Files("data").Count(path => !path.Contains("-tmp-", StringComparison.Ordinal));

    private static async Task<MemoryFolder> WithOneSnapshotAsync()
    {
        var folder = await BackupWorld.NewRepositoryAsync();
        var earlier = new MemorySource();
        earlier.Write("source/0/0", BackupWorld.Random(20_000, 0));
        await BackupWorld.BackUpAsync(folder, earlier);
        folder.Volume.PowerCut(PowerCutChoice.KeepNothing);   // nothing but what is durable
        return folder;
    }

    private async Task AssertWholeAsync(MemoryFolder folder, string when)
    {
        Assert.InRange(await BackupWorld.ReadAllAsync(folder), 1, 2);
        var next = await BackupWorld.BackUpAsync(folder, _source);
        Assert.True(next.Alarms.Count == 0, $"{when}: {string.Join(' ', next.Alarms)}");
        Assert.Equal(12, (await BackupWorld.ReadAsync(folder, next.Snapshot!.Value)).Count);
        Assert.DoesNotContain(folder.Files("locks"), path => !path.Contains("-tmp-", StringComparison.Ordinal));
    }

    private static async Task<string> SaveLockAsync(Repository repository)
    {
        var file = new LockFile(RepositoryWorld.Origin.Time, false, "elsewhere", "other", 77, 0, 0);
        return $"{await repository.SaveUnpackedAsync(FileKind.Lock, file.Write(), Cancellation)}";
    }
}
