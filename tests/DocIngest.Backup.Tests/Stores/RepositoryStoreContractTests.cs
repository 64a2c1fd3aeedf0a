using DocIngest.Backup.Stores;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Backup.Tests.Stores;

public sealed class MemoryFolderStoreContractTests : RepositoryStoreContract
{
    protected override IRepositoryStore Store { get; } = new FolderStore(new MemoryVolume().FolderAt("repository"));
}

public sealed class FaultyFolderStoreContractTests : RepositoryStoreContract
{
    protected override IRepositoryStore Store { get; } = new FolderStore(new FaultyFolder(new MemoryVolume().FolderAt(""), FaultPlan.None));
}

public sealed class LocalFolderStoreByGroupContractTests() : LocalFolderStoreContract(Durability.Group);

public sealed class LocalFolderStoreByFileContractTests() : LocalFolderStoreContract(Durability.File);

public abstract class LocalFolderStoreContract : RepositoryStoreContract, IDisposable
{
    private readonly TempFolder _temp = new(inMemory: true);
    private readonly LocalVolumes _volumes;

    protected LocalFolderStoreContract(Durability durability)
    {
        if (durability is Durability.Group)
            Needs.Linux();
        _volumes = new LocalVolumes(durability);
        Store = new FolderStore(_volumes.Open(_temp.Folder("repository"), EntryPermissions.Sealed));
    }

    protected override IRepositoryStore Store { get; }

    public void Dispose()
    {
        _volumes.Dispose();
        _temp.Dispose();
        GC.SuppressFinalize(this);
    }
}
