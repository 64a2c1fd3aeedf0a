using DocIngest.Backup.Compression;
using DocIngest.Backup.Indexes;
using DocIngest.Backup.Packs;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Backup.Tests.Backups;
using DocIngest.Backup.Tests.Stores;
using DocIngest.Storage;

namespace DocIngest.Backup.Tests.Repositories;

public sealed class BlobWriterTests
{
    private const int BlobBytes = 1024 * 1024;
    private const int Blobs = 100;   // of six packs

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_blob_is_in_a_pack_however_long_saving_takes()
    {
        for (int round = 0; round < 10; round++)
        {
            var folder = RepositoryWorld.NewFolder();
            (await RepositoryWorld.InitAsync(folder)).Dispose();
            var store = new FailingStore(new FolderStore(folder));
            using var repository = await Repository.OpenAsync(store, RepositoryWorld.Password, Cancellation);
            store.BeforeCall = () => Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(3)), TimeProvider.System, Cancellation);
            var ids = new BlobId[Blobs];
            await using (var writer = New(repository))
            {
                await Parallel.ForAsync(0, Blobs, Cancellation, async (number, stop) =>
                {
                    byte[] blob = BackupWorld.Random(BlobBytes, (round * Blobs) + number);
                    ids[number] = BlobId.Of(blob);
                    Assert.True(await writer.StoreAsync(BlobType.Data, ids[number], blob, stop));
                });
                await writer.FlushAsync(Cancellation);
            }

            var index = await repository.LoadIndexAsync(Cancellation);
            Assert.All(ids, id => Assert.True(index.TryFind(BlobType.Data, id, out _)));
        }
    }

    [Fact]
    public async Task A_pack_that_could_not_be_saved_is_told_before_any_index_names_what_came_with_it()
    {
        var folder = RepositoryWorld.NewFolder();
        (await RepositoryWorld.InitAsync(folder)).Dispose();
        var store = new FailingStore(new FolderStore(folder));
        using var repository = await Repository.OpenAsync(store, RepositoryWorld.Password, Cancellation);
        store.Fail(new StorageUnavailableException("The disk is gone."));   // for the first pack only
        await using var writer = New(repository);
        var error = await Assert.ThrowsAsync<StorageUnavailableException>(async () =>
        {
            for (int number = 0; number < Blobs; number++)
            {
                byte[] blob = BackupWorld.Random(BlobBytes, number);
                await writer.StoreAsync(BlobType.Data, BlobId.Of(blob), blob, Cancellation);
            }

            await writer.FlushAsync(Cancellation);
        });
        Assert.Equal("The disk is gone.", error.Message);
        Assert.Empty(folder.Files("index"));
    }

    private static BlobWriter New(Repository repository) =>
        new(repository, new BlobIndex(), CompressionMode.Fast, TimeProvider.System, Task.CompletedTask, Cancellation);
}
