using DocIngest.TestKit;

namespace DocIngest.Storage.Tests;

public sealed class MemoryBlobStoreContractTests : BlobStoreContract
{
    private MemoryBlobStore? _store;

    protected override IBlobStore Store => _store ??= new MemoryBlobStore(Clock);
}

public sealed class FaultyBlobStoreContractTests : BlobStoreContract
{
    private FaultyBlobStore? _store;

    protected override IBlobStore Store => _store ??= new FaultyBlobStore(new MemoryBlobStore(Clock), FaultPlan.None);
}

public sealed class LocalBlobStoreInMemoryContractTests : BlobStoreContract
{
    private LocalBlobStore? _store;

    protected override IBlobStore Store =>
        _store ??= new LocalBlobStore(new MemoryVolume().FolderAt(""), new MemoryLocks(TimeProvider.System), Clock);

    public override void Dispose()
    {
        _store?.Dispose();
        base.Dispose();
        GC.SuppressFinalize(this);
    }
}

public sealed class LocalBlobStoreByGroupContractTests() : LocalBlobStoreContract(Durability.Group);

public sealed class LocalBlobStoreByFileContractTests() : LocalBlobStoreContract(Durability.File);

public abstract class LocalBlobStoreContract : BlobStoreContract
{
    private readonly TempFolder _temp = new();
    private readonly LocalVolumes _volumes;
    private readonly LocalBlobStore _store;

    protected LocalBlobStoreContract(Durability durability)
    {
        _volumes = new LocalVolumes(durability);
        _store = new LocalBlobStore(_volumes.Open(_temp.Folder("store")), new OsLocks(_temp["locks"], TimeProvider.System), Clock);
    }

    protected override IBlobStore Store => _store;

    public override void Dispose()
    {
        _store.Dispose();
        _volumes.Dispose();
        _temp.Dispose();
        base.Dispose();
        GC.SuppressFinalize(this);
    }
}
