using DocIngest.Archive.Tests.Blobs;
using DocIngest.Storage;
using DocIngest.TestKit.Servers;

namespace DocIngest.Archive.Tests;

public sealed class FolderArchiveTests : ArchiveContract
{
    private protected override Task<ArchiveSite> NewSiteAsync() => Task.FromResult<ArchiveSite>(new FolderSite());
}

public sealed class MemoryBlobsArchiveTests : ArchiveContract
{
    private protected override Task<ArchiveSite> NewSiteAsync() => Task.FromResult<ArchiveSite>(new BlobSite(BlobWorld.InMemory("archive")));
}

public sealed class LocalBlobsArchiveTests : ArchiveContract
{
    private protected override Task<ArchiveSite> NewSiteAsync() => Task.FromResult<ArchiveSite>(new BlobSite(BlobWorld.InFolder(new MemoryVolume().FolderAt(""))));
}

[Collection(Azurite.Clock)]
public sealed class AzureArchiveTests(Azurite azurite) : ArchiveContract
{
    private readonly string _container = Azurite.NewContainer();
    private int _sites;

    protected override int Stride => 7;

    private protected override async Task<ArchiveSite> NewSiteAsync()
    {
        var store = new AzureBlobStore(azurite.Account, _container, $"hospital/{++_sites}");   // a prefix each: a container takes longer
        await store.CreateContainerAsync(Cancellation);
        return new BlobSite(new BlobWorld(store, "archive", BlobWorld.NewClock(), azurite.AdvanceAsync));
    }
}
