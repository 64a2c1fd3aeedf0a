using DocIngest.Backup.Packs;
using DocIngest.Backup.Pruning;
using DocIngest.Backup.Snapshots;
using DocIngest.Backup.Stores;
using DocIngest.Backup.Tests.Backups;
using DocIngest.Backup.Trees;
using DocIngest.Storage;

namespace DocIngest.Backup.Tests.Pruning;

/// <summary>Then waste is no matter of room any more: what no snapshot refers to must be in no pack.</summary>
public sealed class When_records_were_destroyed
{
    private static readonly PruneOptions Thorough = new() { MostUnusedPercent = double.MaxValue, MostRepackBytes = 0, RepacksAllUnused = true };

    private readonly MemorySource _source = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_pack_with_anything_unused_is_rewritten_whatever_the_limits()
    {
        var folder = await BackupWorld.NewRepositoryAsync();
        var snapshots = new List<FileId>();
        for (int day = 0; day < 4; day++)
        {
            for (int record = 0; record < 20; record++)
                _source.Write($"source/archive/{record}/scan", BackupWorld.Random(20_000 + record, (day * (record % 3)) + (100 * record)));
            snapshots.Add((await BackupWorld.BackUpAsync(folder, _source)).Snapshot!.Value);
        }

        PruneWorld.Forget(folder, snapshots[0]);
        PruneWorld.Forget(folder, snapshots[2]);
        var lax = await PruneWorld.PruneAsync(folder, Thorough with { RepacksAllUnused = false });
        Assert.Equal(0, lax.Done.PacksRepacked);
        Assert.NotEmpty(await UnusedAsync(folder));

        var result = await PruneWorld.PruneAsync(folder, Thorough);
        Assert.True(result.Done.PacksRepacked > 0);
        Assert.Equal(0, result.Done.UnusedBytesKept);
        Assert.Empty(await UnusedAsync(folder));
        Assert.Equal(2, await BackupWorld.ReadAllAsync(folder));
        await PruneWorld.AssertResticFindsNoFaultAsync(folder);
        Assert.True((await PruneWorld.PruneAsync(folder, Thorough)).Done.IsIdle);
    }

    [Fact]
    public async Task Second_copies_go_too()
    {
        _source.Write("source/a", BackupWorld.Random(30_000, 1));
        var folder = await BackupWorld.NewRepositoryAsync();
        await BackupWorld.BackUpAsync(folder, _source);
        using (var repository = await RepositoryWorld.OpenAsync(folder))
        {
            var pack = RepositoryWorld.Pack(repository, BlobType.Data, BackupWorld.Random(30_000, 1), BackupWorld.Random(30_000, 2));
            await repository.Store.SaveAsync(FileKind.Pack, pack.Id, pack.Content, Cancellation);
            var index = new DocIngest.Backup.Indexes.IndexFileWriter();
            index.Add(pack.Id, pack.Blobs);
            await repository.SaveUnpackedAsync(FileKind.Index, index.Finish(), Cancellation);
        }

        await PruneWorld.PruneAsync(folder, Thorough);
        Assert.Empty(await UnusedAsync(folder));
        await PruneWorld.AssertResticFindsNoFaultAsync(folder);
    }

    [Fact]
    public async Task Where_only_the_ledger_is_left_nothing_goes_unless_that_is_meant()
    {
        _source.Write("source/a", BackupWorld.Random(30_000, 1));
        var folder = await BackupWorld.NewRepositoryAsync();
        var backup = (await BackupWorld.BackUpAsync(folder, _source)).Snapshot;
        _source.Write("source/a", BackupWorld.Random(300, 2));
        await BackupWorld.BackUpAsync(folder, _source, BackupWorld.Options with { Tags = [DestructionLedger.Tag] });
        PruneWorld.Forget(folder, backup);
        var files = folder.Files("");
        await Assert.ThrowsAsync<PruneRefusedException>(() => PruneWorld.PruneAsync(folder));
        Assert.Equal(files, folder.Files(""));
        await PruneWorld.PruneAsync(folder, PruneWorld.Tight with { MayRemoveEverything = true });
        Assert.Equal(1, await BackupWorld.ReadAllAsync(folder));
        Assert.True((await PruneWorld.PruneAsync(folder)).Done.IsIdle);   // nothing would go
    }

    [Fact]
    public async Task Where_writing_the_ledger_dies_the_copy_is_there_whole_or_not_at_all()
    {
        var original = await BackupWorld.NewRepositoryAsync();
        _source.Write("source/a", BackupWorld.Random(30_000, 1));
        await BackupWorld.BackUpAsync(original, _source);
        var ledger = new MemorySource { Paths = ["/data/destruction"] };
        ledger.Write("data/destruction/1.json", [1]);
        ledger.Write("data/destruction/2.json", [2]);
        var options = BackupWorld.Options with { Tags = [DestructionLedger.Tag] };
        int cuts = 0;
        for (int n = 1; ; n++, cuts++)
        {
            var folder = PruneWorld.Copy(original);
            var fault = new FaultPlan(n, FaultKind.PowerCut);
            await Record.ExceptionAsync(() => BackupWorld.BackUpAsync(new FaultyFolder(folder, fault), ledger, options));
            if (!fault.Fired)
                break;
            folder.Volume.PowerCut(PowerCutChoice.KeepAll);
            Assert.InRange(await BackupWorld.ReadAllAsync(folder), 1, 2);
            var again = await BackupWorld.BackUpAsync(folder, ledger, options);
            Assert.Equal(2, (await BackupWorld.ReadAsync(folder, again.Snapshot!.Value)).Count);
        }

        Assert.True(cuts > 5, $"{cuts}");
    }

    /// <summary>What is in packs, by their own headers, and in no snapshot; a second copy counts.</summary>
    private static async Task<List<BlobId>> UnusedAsync(MemoryFolder folder)
    {
        using var repository = await RepositoryWorld.OpenAsync(folder);
        var index = await repository.LoadIndexAsync(Cancellation);
        var snapshots = await repository.ListSnapshotsAsync(Cancellation).ToListAsync(Cancellation);
        var used = await UsedBlobs.FindAsync(repository, index, snapshots.Select(listed => new TreeRoot(listed.Snapshot!.Tree, listed.Id)), 2, Cancellation);
        var met = new HashSet<(BlobType, BlobId)>();
        var unused = new List<BlobId>();
        await foreach (var pack in repository.Store.ListAsync(FileKind.Pack, Cancellation))
        {
            foreach (var blob in await repository.LoadPackHeaderAsync(pack, Cancellation))
            {
                int number = index.Find(blob.Type, blob.Id);
                if (number < 0 || !used.Marks[number] || !met.Add((blob.Type, blob.Id)))
                    unused.Add(blob.Id);
            }
        }

        return unused;
    }
}
