using DocIngest.Backup.Indexes;
using DocIngest.Backup.Pruning;
using DocIngest.Backup.Tests.Backups;
using DocIngest.Storage;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Backup.Tests.Pruning;

/// <summary>Somebody may be about to index such a pack: it waits, and what it waits since is kept in the repository.</summary>
public sealed class When_packs_are_in_no_index
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task They_wait_for_a_day_and_go_then()
    {
        var folder = await WithForgottenPackAsync();
        var clock = PruneWorld.Clock();
        Assert.Equal((0, 1), Forgotten(await PruneWorld.PruneAsync(folder, clock: clock)));
        await PruneWorld.AssertResticFindsNoFaultAsync(folder);   // whatever marks there are
        clock.Advance(TimeSpan.FromHours(23));
        Assert.Equal((0, 1), Forgotten(await PruneWorld.PruneAsync(folder, clock: clock)));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal((1, 0), Forgotten(await PruneWorld.PruneAsync(folder, clock: clock)));
        Assert.Equal(2, folder.Files("data").Count);
        Assert.True((await PruneWorld.PruneAsync(folder, clock: clock)).Done.IsIdle);
        Assert.Equal(1, await BackupWorld.ReadAllAsync(folder));
    }

    [Fact]
    public async Task They_go_at_once_where_nobody_else_can_be_there()
    {
        var folder = await WithForgottenPackAsync();
        Assert.Equal((1, 0), Forgotten(await PruneWorld.PruneAsync(folder, PruneWorld.Tight with { Grace = TimeSpan.Zero })));
    }

    [Fact]
    public async Task One_that_is_indexed_meanwhile_stays()
    {
        var folder = await RepositoryWorld.WithSnapshotAsync();
        var clock = PruneWorld.Clock();
        using var repository = await RepositoryWorld.OpenAsync(folder);
        var pack = RepositoryWorld.Pack(repository, BlobType.Data, [3, 2, 1]);
        await repository.Store.SaveAsync(FileKind.Pack, pack.Id, pack.Content, Cancellation);
        await PruneWorld.PruneAsync(folder, clock: clock);

        using var index = new IndexSaver(repository, clock);
        await index.AddAsync(pack.Id, pack.Blobs, Cancellation);   // by the host whose lock was lost
        await index.FlushAsync(Cancellation);
        var source = new MemorySource();
        source.Write("source/a", [3, 2, 1]);
        var backup = await BackupWorld.BackUpAsync(folder, source, clock);
        Assert.Equal(0, backup.Summary.DataBlobs);

        clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal((0, 0), Forgotten(await PruneWorld.PruneAsync(folder, clock: clock)));
        Assert.Equal([3, 2, 1], (await BackupWorld.ReadAsync(folder, backup.Snapshot!.Value)).Single().Value);
        Assert.True((await PruneWorld.PruneAsync(folder, clock: clock)).Done.IsIdle);   // the mark is gone
    }

    [Fact]
    public async Task A_backup_does_not_take_over_one_that_waits_for_its_deletion()
    {
        var folder = await WithForgottenPackAsync();
        await PruneWorld.PruneAsync(folder);
        var source = new MemorySource();
        source.Write("source/a", [3, 2, 1]);   // the very content of the pack
        var backup = await BackupWorld.BackUpAsync(folder, source);
        Assert.Equal(0, backup.AdoptedPacks);
        Assert.Equal(1, backup.Summary.DataBlobs);
    }

    [Fact]
    public async Task What_an_interrupted_writer_left_goes_after_the_same_time()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 26, 0, 0, 0, TimeSpan.Zero));
        var folder = new MemoryVolume(clock).FolderAt("");
        (await RepositoryWorld.InitAsync(folder)).Dispose();
        folder.Write("data/ab/abcd-tmp-0123456789abcdef", [1, 2, 3]);
        folder.Write("data/ab/note.txt", [1]);
        var options = PruneWorld.Tight with { MayRemoveEverything = true };
        Assert.Equal(0, (await PruneWorld.PruneAsync(folder, options, clock)).TemporaryFilesRemoved);
        clock.Advance(TimeSpan.FromHours(25));
        Assert.Equal(1, (await PruneWorld.PruneAsync(folder, options, clock)).TemporaryFilesRemoved);
        Assert.Equal(["data/ab/note.txt"], folder.Files("data"));
    }

    private static (int Removed, int Waiting) Forgotten(PruneResult result) =>
        (result.Done.ForgottenPacksRemoved, result.Done.ForgottenPacksWaiting);

    private static async Task<MemoryFolder> WithForgottenPackAsync()
    {
        var folder = await RepositoryWorld.WithSnapshotAsync();
        using var repository = await RepositoryWorld.OpenAsync(folder);
        var pack = RepositoryWorld.Pack(repository, BlobType.Data, [3, 2, 1]);
        await repository.Store.SaveAsync(FileKind.Pack, pack.Id, pack.Content, Cancellation);
        return folder;
    }
}
