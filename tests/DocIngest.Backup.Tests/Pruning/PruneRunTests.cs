using DocIngest.Backup.Checks;
using DocIngest.Backup.Indexes;
using DocIngest.Backup.Pruning;
using DocIngest.Backup.Tests.Backups;
using DocIngest.Storage;

namespace DocIngest.Backup.Tests.Pruning;

public sealed class PruneRunTests
{
    private readonly MemorySource _source = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_only_forgotten_snapshots_needed_goes_and_the_rest_stays()
    {
        var (folder, first, second) = await TwoSnapshotsAsync();
        var expected = await BackupWorld.ReadAsync(folder, second);
        long before = BackupWorld.PackBytes(folder);
        PruneWorld.Forget(folder, first);

        var result = await PruneWorld.PruneAsync(folder);
        Assert.Equal(0, result.PacksLeft);
        Assert.True(result.Done.PacksRepacked > 0);
        Assert.InRange(before - BackupWorld.PackBytes(folder), 590_000, 640_000);   // the three files of 200,000 bytes, and trees
        Assert.Equal(expected, await BackupWorld.ReadAsync(folder, second));
        await PruneWorld.AssertResticFindsNoFaultAsync(folder);
    }

    [Fact]
    public async Task A_second_prune_has_nothing_to_do()
    {
        var (folder, first, _) = await TwoSnapshotsAsync();
        PruneWorld.Forget(folder, first);
        await PruneWorld.PruneAsync(folder);
        var files = folder.Files("");
        var again = await PruneWorld.PruneAsync(folder);
        Assert.True(again.Done.IsIdle, $"{again}");
        Assert.Equal(files, folder.Files(""));
    }

    [Fact]
    public async Task A_plan_changes_nothing_and_tells_what_a_prune_does()
    {
        var (folder, first, _) = await TwoSnapshotsAsync();
        var files = folder.Files("");
        var clock = PruneWorld.Clock();
        PruneSummary planned;
        using (var repository = await RepositoryWorld.OpenAsync(folder))
        {
            planned = await BackupWorld.HurryAsync(
                clock, PruneRun.PlanAsync(repository, PruneWorld.Tight, new HashSet<FileId> { first }, BackupWorld.Terms(clock), Cancellation));
        }

        Assert.Equal(files, folder.Files(""));
        PruneWorld.Forget(folder, first);
        Assert.Equal(planned, (await PruneWorld.PruneAsync(folder)).Done);
    }

    [Fact]
    public async Task A_little_waste_may_stay()
    {
        var (folder, first, _) = await TwoSnapshotsAsync();
        PruneWorld.Forget(folder, first);
        var result = await PruneWorld.PruneAsync(folder, new PruneOptions { MostUnusedPercent = 1000 });
        Assert.Equal(0, result.Done.PacksRepacked);
        Assert.InRange(result.Done.UnusedBytesKept, 600_000, 640_000);
    }

    [Fact]
    public async Task No_more_is_rewritten_than_was_allowed()
    {
        var (folder, first, _) = await TwoSnapshotsAsync();
        PruneWorld.Forget(folder, first);
        var result = await PruneWorld.PruneAsync(folder, PruneWorld.Tight with { MostRepackBytes = 100_000 });
        Assert.Equal(0, result.Done.BytesRepacked);   // every pack with waste is larger
        Assert.True(result.Done.PacksRemoved > 0);   // what needs no rewriting
        Assert.True(result.Done.UnusedBytesKept >= 600_000);
    }

    [Fact]
    public async Task Without_snapshots_nothing_is_pruned_unless_that_is_meant()
    {
        var (folder, first, second) = await TwoSnapshotsAsync();
        PruneWorld.Forget(folder, first);
        PruneWorld.Forget(folder, second);
        var files = folder.Files("");
        await Assert.ThrowsAsync<PruneRefusedException>(() => PruneWorld.PruneAsync(folder));
        Assert.Equal(files, folder.Files(""));

        await PruneWorld.PruneAsync(folder, PruneWorld.Tight with { MayRemoveEverything = true });
        Assert.Empty(folder.Files("data"));
        Assert.Empty(folder.Files("index"));
        await PruneWorld.AssertResticFindsNoFaultAsync(folder);
    }

    [Theory]
    [InlineData("data", false)]
    [InlineData("data", true)]
    [InlineData("index", false)]
    public async Task Where_something_needed_is_missing_or_cut_nothing_is_removed(string kind, bool isCut)
    {
        var (folder, first, _) = await TwoSnapshotsAsync();
        PruneWorld.Forget(folder, first);
        int refused = 0;
        foreach (string lost in folder.Files(kind))
        {
            var copy = PruneWorld.Copy(folder);
            if (isCut)
                copy.Write(lost, copy.Read(lost)[..^1]);
            else
                copy.Delete(lost);
            var files = copy.Files("");
            if (await Record.ExceptionAsync(() => PruneWorld.PruneAsync(copy)) is not { } error)
            {
                await BackupWorld.ReadAllAsync(copy);   // nobody needed it
                continue;
            }

            Assert.IsType<PruneRefusedException>(error);
            Assert.Equal(files, copy.Files(""));
            refused++;
        }

        Assert.True(refused >= 2, $"{refused}");
    }

    [Fact]
    public async Task A_damaged_blob_that_would_be_rewritten_ends_the_prune_before_anything_goes()
    {
        var (folder, first, second) = await TwoSnapshotsAsync();
        PruneWorld.Forget(folder, first);
        var expected = await BackupWorld.ReadAsync(folder, second);
        string damaged = folder.Files("data").MaxBy(path => folder.Find(path)!.Stamp.SizeBytes)!;
        byte[] content = folder.Read(damaged);
        folder.Flip(damaged);
        var packs = folder.Files("data");
        var error = await Record.ExceptionAsync(() => PruneWorld.PruneAsync(folder));
        if (error is null)
            return;   // the bit was in a blob that nobody needs
        Assert.IsType<DamagedRepositoryException>(error);
        Assert.Subset(folder.Files("data").ToHashSet(), packs.ToHashSet());
        folder.Write(damaged, content);
        Assert.Equal(expected, await BackupWorld.ReadAsync(folder, second));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_two_index_files_contradict_each_other_nothing_is_pruned(bool shorterFirst)
    {
        var folder = await BackupWorld.NewRepositoryAsync();
        using var repository = await RepositoryWorld.OpenAsync(folder);
        var pack = RepositoryWorld.Pack(repository, BlobType.Data, [1, 2], [3, 4]);
        await repository.Store.SaveAsync(FileKind.Pack, pack.Id, pack.Content, Cancellation);
        foreach (bool isShort in (bool[])[shorterFirst, !shorterFirst])
        {
            using var index = new IndexSaver(repository, TimeProvider.System);
            await index.AddAsync(pack.Id, isShort ? pack.Blobs[..1] : pack.Blobs, Cancellation);
            await index.FlushAsync(Cancellation);
        }

        var files = folder.Files("");
        await Assert.ThrowsAsync<PruneRefusedException>(() => PruneWorld.PruneAsync(folder, PruneWorld.Tight with { MayRemoveEverything = true }));
        Assert.Equal(files, folder.Files(""));
    }

    [Fact]
    public async Task An_unreadable_snapshot_stops_it()
    {
        var (folder, first, second) = await TwoSnapshotsAsync();
        PruneWorld.Forget(folder, first);
        folder.Flip($"snapshots/{second}");
        await Assert.ThrowsAsync<PruneRefusedException>(() => PruneWorld.PruneAsync(folder));
    }

    [Fact]
    public async Task Second_copies_go()
    {
        var (folder, _, second) = await TwoSnapshotsAsync();
        using (var repository = await RepositoryWorld.OpenAsync(folder))
        {
            byte[] copied = await BackupWorld.ReadAsync(folder, second) is { } files ? files.Values.First(content => content.Length > 0) : [];
            var pack = RepositoryWorld.Pack(repository, BlobType.Data, copied);
            await repository.Store.SaveAsync(FileKind.Pack, pack.Id, pack.Content, Cancellation);
            using var index = new IndexSaver(repository, TimeProvider.System);
            await index.AddAsync(pack.Id, pack.Blobs, Cancellation);
            await index.FlushAsync(Cancellation);
        }

        Assert.Equal(1, (await PruneWorld.PruneAsync(folder)).Done.PacksRemoved);
        await BackupWorld.ReadAllAsync(folder);
        await PruneWorld.AssertResticFindsNoFaultAsync(folder);
    }

    /// <remarks>True: read whole, null: never read, false: damaged when it was read. Whichever copy the index knows first.</remarks>
    [Theory]
    [InlineData(true, null)]
    [InlineData(true, false)]
    [InlineData(null, false)]
    public async Task Of_two_copies_the_one_that_was_last_found_whole_stays(bool? better, bool? worse)
    {
        foreach (bool betterFirst in (bool[])[true, false])
        {
            var (folder, packs) = await TwoCopiesAsync();
            var log = new FileVerificationLog(RepositoryWorld.NewFolder(), "verified.jsonl");
            var (stays, goes) = betterFirst ? (packs[0], packs[1]) : (packs[1], packs[0]);
            await RecordAsync(log, stays, better);
            await RecordAsync(log, goes, worse);

            await PruneWorld.PruneAsync(folder, PruneWorld.Tight with { Verification = log });
            Assert.Contains(folder.Files("data"), path => path.EndsWith($"{stays}", StringComparison.Ordinal));
            Assert.DoesNotContain(folder.Files("data"), path => path.EndsWith($"{goes}", StringComparison.Ordinal));
            await BackupWorld.ReadAllAsync(folder);
        }
    }

    [Fact]
    public async Task What_only_a_damaged_pack_holds_is_kept_as_long_as_its_blobs_can_be_read()
    {
        var (folder, packs) = await TwoCopiesAsync();
        var log = new FileVerificationLog(RepositoryWorld.NewFolder(), "verified.jsonl");
        await RecordAsync(log, packs[0], false);
        await RecordAsync(log, packs[1], false);
        await PruneWorld.PruneAsync(folder, PruneWorld.Tight with { Verification = log });
        await BackupWorld.ReadAllAsync(folder);
    }

    [Fact]
    public async Task Many_small_packs_are_joined()
    {
        var folder = await BackupWorld.NewRepositoryAsync();
        for (int i = 0; i < 12; i++)
        {
            _source.Write($"source/{i}", BackupWorld.Random(1000, i));
            await BackupWorld.BackUpAsync(folder, _source);
        }

        Assert.Equal(24, folder.Files("data").Count);
        await PruneWorld.PruneAsync(folder);
        Assert.Equal(2, folder.Files("data").Count);
        Assert.Single(folder.Files("index"));
        Assert.Equal(12, await BackupWorld.ReadAllAsync(folder));
        await PruneWorld.AssertResticFindsNoFaultAsync(folder);
    }

    private static async Task RecordAsync(FileVerificationLog log, FileId pack, bool? isSound)
    {
        if (isSound is { } found)
            await log.RecordAsync([new PackVerification(pack, PruneWorld.Clock().GetUtcNow(), found)], Cancellation);
    }

    /// <summary>A snapshot of one file whose only blob lies in two packs of one blob each.</summary>
    private async Task<(MemoryFolder Folder, FileId[] Packs)> TwoCopiesAsync()
    {
        byte[] content = BackupWorld.Random(200_000, 1);
        _source.Write("source/a", content);
        var folder = await BackupWorld.NewRepositoryAsync();
        await BackupWorld.BackUpAsync(folder, _source);
        using var repository = await RepositoryWorld.OpenAsync(folder);
        var copy = RepositoryWorld.Pack(repository, BlobType.Data, content);
        await repository.Store.SaveAsync(FileKind.Pack, copy.Id, copy.Content, Cancellation);
        using (var saver = new IndexSaver(repository, TimeProvider.System))
        {
            await saver.AddAsync(copy.Id, copy.Blobs, Cancellation);
            await saver.FlushAsync(Cancellation);
        }

        var index = await repository.LoadIndexAsync(Cancellation);
        var copies = index.FindAll(BlobType.Data, copy.Blobs[0].Id).Select(number => index[number].Pack).ToArray();
        Assert.Equal(2, copies.Length);
        return (folder, copies);
    }

    private async Task<(MemoryFolder Folder, FileId First, FileId Second)> TwoSnapshotsAsync()
    {
        for (int i = 0; i < 6; i++)
            _source.Write($"source/{i}", BackupWorld.Random(200_000, i));
        var folder = await BackupWorld.NewRepositoryAsync();
        var first = await BackupWorld.BackUpAsync(folder, _source);
        foreach (int i in (int[])[0, 2, 4])
            _source.Remove($"source/{i}");
        _source.Write("source/new", BackupWorld.Random(200_000, 9));
        var second = await BackupWorld.BackUpAsync(folder, _source);
        return (folder, first.Snapshot!.Value, second.Snapshot!.Value);
    }
}
