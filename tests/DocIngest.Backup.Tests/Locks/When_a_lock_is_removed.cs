using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Backup.Tests.Backups;
using DocIngest.Backup.Tests.Pruning;
using DocIngest.Backup.Tests.Stores;
using DocIngest.Storage;

namespace DocIngest.Backup.Tests.Locks;

/// <summary>Somebody takes our lock away while we work, and may do what it was to keep him from: we do nothing that relies on it.</summary>
public sealed class When_a_lock_is_removed
{
    private readonly MemorySource _source = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_backup_makes_no_snapshot()
    {
        var folder = await BackupWorld.NewRepositoryAsync();
        _source.Write("source/a", 1000, () =>
        {
            RemoveLocks(folder);
            return new MemoryStream(BackupWorld.Random(1000, 1));
        });
        await Assert.ThrowsAsync<LockLostException>(() => BackupWorld.BackUpAsync(folder, _source));
        Assert.Empty(folder.Files("snapshots"));

        _source.Write("source/a", BackupWorld.Random(1000, 1));
        await BackupWorld.BackUpAsync(folder, _source);
        Assert.Equal(1, await BackupWorld.ReadAllAsync(folder));
    }

    [Fact]
    public async Task A_prune_deletes_nothing()
    {
        var folder = await BackupWorld.NewRepositoryAsync();
        for (int i = 0; i < 6; i++)
            _source.Write($"source/{i}", BackupWorld.Random(200_000, i));
        var first = await BackupWorld.BackUpAsync(folder, _source);
        for (int i = 0; i < 3; i++)
            _source.Write($"source/{i}", BackupWorld.Random(200_000, i + 10));
        await BackupWorld.BackUpAsync(folder, _source);
        PruneWorld.Forget(folder, first.Snapshot);

        var packs = folder.Files("data");
        var indexes = folder.Files("index");
        var store = new FailingStore(new FolderStore(folder));
        using (var repository = await Repository.OpenAsync(store, RepositoryWorld.Password, Cancellation))
        {
            store.BeforeCall = () =>
            {
                if (folder.Files("index").Count > indexes.Count)
                    RemoveLocks(folder);
                return Task.CompletedTask;
            };
            await Assert.ThrowsAsync<LockLostException>(() => PruneWorld.PruneAsync(repository));
        }

        Assert.Subset(folder.Files("data").ToHashSet(), packs.ToHashSet());
        Assert.Subset(folder.Files("index").ToHashSet(), indexes.ToHashSet());
        Assert.True((await PruneWorld.PruneAsync(folder)).Done.PacksRepacked > 0);
        Assert.Equal(1, await BackupWorld.ReadAllAsync(folder));
        await PruneWorld.AssertResticFindsNoFaultAsync(folder);
    }

    private static void RemoveLocks(MemoryFolder folder)
    {
        foreach (string path in folder.Files("locks"))
            folder.Delete(path);
    }
}
