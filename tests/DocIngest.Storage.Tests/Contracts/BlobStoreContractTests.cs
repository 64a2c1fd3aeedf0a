using DocIngest.TestKit;

namespace DocIngest.Storage.Tests;

public sealed class MemoryBlobStoreContractTests : BlobStoreContract
{
    public MemoryBlobStoreContractTests() => Store = new MemoryBlobStore(Clock);

    protected override IBlobStore Store { get; }
}

public sealed class FaultyBlobStoreContractTests : BlobStoreContract
{
    public FaultyBlobStoreContractTests() => Store = new FaultyBlobStore(new MemoryBlobStore(Clock), FaultPlan.None);

    protected override IBlobStore Store { get; }
}

public sealed class LocalBlobStoreInMemoryContractTests : BlobStoreContract
{
    private readonly LocalBlobStore _store;

    public LocalBlobStoreInMemoryContractTests() =>
        _store = new LocalBlobStore(new MemoryVolume().FolderAt(""), new MemoryLocks(TimeProvider.System), Clock);

    protected override IBlobStore Store => _store;

    public override void Dispose()
    {
        _store.Dispose();
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
