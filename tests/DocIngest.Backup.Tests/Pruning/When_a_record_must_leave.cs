using DocIngest.Backup.Packs;
using DocIngest.Backup.Pruning;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Tests.Backups;
using DocIngest.Storage;

namespace DocIngest.Backup.Tests.Pruning;

/// <summary>A destroyed record is to be gone from the backups too, even where a prune would tolerate some waste.</summary>
public sealed class When_a_record_must_leave
{
    private static readonly PruneOptions Tolerant = new() { MostUnusedPercent = 1000 };

    private readonly MemorySource _source = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Its_packs_are_rewritten_although_others_stay_wasteful()
    {
        byte[] record = BackupWorld.Random(30_000, 1);
        _source.Write("source/records/destroyed/scan", record);
        _source.Write("source/records/kept/scan", BackupWorld.Random(30_000, 2));
        var folder = await BackupWorld.NewRepositoryAsync();
        var old = await BackupWorld.BackUpAsync(folder, _source);
        _source.Remove("source/records/destroyed");
        await BackupWorld.BackUpAsync(folder, _source);

        var options = Tolerant with { RepackContaining = [new SnapshotPath(old.Snapshot!.Value, "/source/records/destroyed")] };
        var result = await PruneAsync(folder, options, old.Snapshot.Value);
        Assert.Equal((0L, 5L), (result.MustLeaveBlobsStillUsed, result.MustLeaveBlobsGone));   // content, its folder, and the three trees above that named it
        using var repository = await RepositoryWorld.OpenAsync(folder);
        var index = await repository.LoadIndexAsync(Cancellation);
        Assert.False(index.Contains(BlobType.Data, BlobId.Of(record)));
        Assert.Equal(1, await BackupWorld.ReadAllAsync(folder));
        await PruneWorld.AssertResticFindsNoFaultAsync(folder);
    }

    [Fact]
    public async Task It_is_told_where_a_snapshot_still_needs_it()
    {
        _source.Write("source/destroyed", BackupWorld.Random(30_000, 1));
        var folder = await BackupWorld.NewRepositoryAsync();
        var old = await BackupWorld.BackUpAsync(folder, _source);
        var options = Tolerant with { RepackContaining = [new SnapshotPath(old.Snapshot!.Value, "/source/destroyed")] };
        var result = (await PruneWorld.PruneAsync(folder, options)).Done;
        Assert.Equal((3L, 0L), (result.MustLeaveBlobsStillUsed, result.MustLeaveBlobsGone));
        Assert.Equal(1, await BackupWorld.ReadAllAsync(folder));
    }

    [Fact]
    public async Task It_does_not_come_back_where_a_prune_died_before_its_packs_were_deleted()
    {
        byte[] record = BackupWorld.Random(30_000, 1);
        _source.Write("source/destroyed", record);
        _source.Write("source/kept", BackupWorld.Random(30_000, 2));
        var original = await BackupWorld.NewRepositoryAsync();
        var old = await BackupWorld.BackUpAsync(original, _source);
        _source.Remove("source/destroyed");
        await BackupWorld.BackUpAsync(original, _source);
        int cuts = 0;
        for (int n = 1; ; n++, cuts++)
        {
            var folder = PruneWorld.Copy(original);
            var fault = new FaultPlan(n, FaultKind.PowerCut);
            using var repository = await RepositoryWorld.OpenAsync(new FaultyFolder(folder, fault));
            var options = Tolerant with { RepackContaining = [new SnapshotPath(old.Snapshot!.Value, "/source/destroyed")] };
            var clock = PruneWorld.Clock();
            var plan = await new PrunePlanner(repository, options, clock).PlanAsync(new HashSet<FileId> { old.Snapshot.Value }, Cancellation);
            PruneWorld.Forget(folder, old.Snapshot);
            await Record.ExceptionAsync(() => PruneWorld.ExecuteAsync(repository, plan, clock));
            if (!fault.Fired)
                break;
            folder.Volume.PowerCut(PowerCutChoice.KeepAll);

            // Where the old index files are gone already, nothing brings the record back.
            using var reopened = await RepositoryWorld.OpenAsync(folder);
            bool wasGone = !(await reopened.LoadIndexAsync(Cancellation)).Contains(BlobType.Data, BlobId.Of(record));
            await BackupWorld.BackUpAsync(folder, _source);
            await PruneWorld.PruneAsync(folder, Tolerant);
            if (wasGone)
                Assert.DoesNotContain(folder.Files("data"), path => original.Find(path) is not null && Holds(reopened, folder, path, record));
        }

        Assert.True(cuts > 10, $"{cuts}");
    }

    private static bool Holds(Repository repository, MemoryFolder folder, string path, byte[] record)
    {
        byte[] pack = folder.Read(path);
        return PackReader.ReadHeader(FileId.Of(pack), repository.Key, pack).Any(blob => blob.Id == BlobId.Of(record));
    }

    [Fact]
    public async Task It_is_told_where_a_pack_that_must_wait_holds_it()
    {
        byte[] record = BackupWorld.Random(30_000, 1);
        _source.Write("source/destroyed", record);
        var folder = await BackupWorld.NewRepositoryAsync();
        var old = await BackupWorld.BackUpAsync(folder, _source);
        _source.Write("source/other", [1]);
        _source.Remove("source/destroyed");
        await BackupWorld.BackUpAsync(folder, _source);
        using (var repository = await RepositoryWorld.OpenAsync(folder))
        {
            var pack = RepositoryWorld.Pack(repository, BlobType.Data, record);
            await repository.Store.SaveAsync(FileKind.Pack, pack.Id, pack.Content, Cancellation);
        }

        var options = Tolerant with { RepackContaining = [new SnapshotPath(old.Snapshot!.Value, "/source/destroyed")] };
        Assert.Equal(1, (await PruneAsync(folder, options, old.Snapshot.Value)).MustLeaveBlobsWaiting);
    }

    [Fact]
    public async Task A_path_that_leads_through_a_file_is_not_there()
    {
        _source.Write("source/a", [1]);
        var folder = await BackupWorld.NewRepositoryAsync();
        var snapshot = (await BackupWorld.BackUpAsync(folder, _source)).Snapshot!.Value;
        await Assert.ThrowsAsync<NameNotFoundException>(
            () => PruneWorld.PruneAsync(folder, Tolerant with { RepackContaining = [new SnapshotPath(snapshot, "/source/a/b")] }));
    }

    [Fact]
    public async Task A_place_that_is_not_there_is_an_error()
    {
        _source.Write("source/a", [1]);
        var folder = await BackupWorld.NewRepositoryAsync();
        var snapshot = (await BackupWorld.BackUpAsync(folder, _source)).Snapshot!.Value;
        var files = folder.Files("");
        await Assert.ThrowsAsync<NameNotFoundException>(() => PruneWorld.PruneAsync(folder, Tolerant with { RepackContaining = [new SnapshotPath(snapshot, "/source/b")] }));
        Assert.Equal(files, folder.Files(""));
    }

    /// <summary>Plans with the snapshot at hand, forgets it, and executes, as <c>forget --prune</c> does.</summary>
    private static async Task<PruneSummary> PruneAsync(MemoryFolder folder, PruneOptions options, FileId forgotten)
    {
        using var repository = await RepositoryWorld.OpenAsync(folder);
        var clock = PruneWorld.Clock();
        var plan = await new PrunePlanner(repository, options, clock).PlanAsync(new HashSet<FileId> { forgotten }, Cancellation);
        PruneWorld.Forget(folder, forgotten);
        return (await PruneWorld.ExecuteAsync(repository, plan, clock)).Done;
    }
}
