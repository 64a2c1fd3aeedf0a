using DocIngest.Storage;
using DocIngest.TestKit.Servers;

namespace DocIngest.Archive.Tests.Blobs;

public sealed class MemoryBlobArchiveTests : BlobArchiveContract
{
    private protected override Task<BlobWorld> NewWorldAsync() => Task.FromResult(BlobWorld.InMemory());
}

public sealed class LocalBlobArchiveTests : BlobArchiveContract
{
    private protected override Task<BlobWorld> NewWorldAsync() => Task.FromResult(BlobWorld.InFolder(new MemoryVolume().FolderAt("")));
}

[Collection(Azurite.Clock)]
public sealed class AzureBlobArchiveTests(Azurite azurite) : BlobArchiveContract
{
    private readonly string _container = Azurite.NewContainer();
    private int _worlds;

    private protected override async Task<BlobWorld> NewWorldAsync()
    {
        var store = new AzureBlobStore(azurite.Account, _container, $"hospital/{++_worlds}");   // a prefix each: a container takes longer
        await store.CreateContainerAsync(Cancellation);
        return new BlobWorld(store, "", BlobWorld.NewClock(), azurite.AdvanceAsync);
    }
}
