using DocIngest.Backup.Indexes;
using DocIngest.Backup.Stores;
using DocIngest.Backup.Repositories;
using DocIngest.Storage;
using Microsoft.Extensions.Time.Testing;

namespace DocIngest.Backup.Tests.Indexes;

public sealed class IndexSaverTests
{
    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_waits_for_long_is_saved_by_the_next_pack()
    {
        var folder = RepositoryWorld.NewFolder();
        using var repository = await RepositoryWorld.InitAsync(folder);
        using var saver = new IndexSaver(repository, _clock);
        await AddAsync(saver, repository, 1);
        Assert.Empty(folder.Files("index"));
        _clock.Advance(TimeSpan.FromMinutes(10));
        await AddAsync(saver, repository, 2);
        Assert.Single(folder.Files("index"));
        await saver.FlushAsync(Cancellation);
        Assert.Single(folder.Files("index"));   // nothing was left to save
    }

    [Fact]
    public async Task After_a_failed_save_nothing_is_added_to_the_file()
    {
        var folder = RepositoryWorld.NewFolder();
        (await RepositoryWorld.InitAsync(folder)).Dispose();
        using var repository = await Repository.OpenAsync(
            new FolderStore(new FaultyFolder(folder, new FaultPlan(1, FaultKind.FailBefore))), RepositoryWorld.Password, Cancellation);
        using var saver = new IndexSaver(repository, _clock);
        await AddAsync(saver, repository, 1);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => saver.FlushAsync(Cancellation));
        await Assert.ThrowsAsync<InvalidOperationException>(() => AddAsync(saver, repository, 2));
        await Assert.ThrowsAsync<InvalidOperationException>(() => saver.FlushAsync(Cancellation));
        Assert.Empty(folder.Files("index"));
    }

    private static Task AddAsync(IndexSaver saver, Repository repository, byte content)
    {
        var pack = RepositoryWorld.Pack(repository, BlobType.Data, [content]);
        return saver.AddAsync(pack.Id, pack.Blobs, Cancellation);
    }
}
