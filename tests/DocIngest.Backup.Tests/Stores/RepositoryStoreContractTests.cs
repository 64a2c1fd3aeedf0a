using DocIngest.Backup.Stores;
using DocIngest.Storage;
using DocIngest.TestKit;
using DocIngest.TestKit.Servers;

namespace DocIngest.Backup.Tests.Stores;

public abstract class FolderStoreContract : RepositoryStoreContract
{
    protected abstract IDurableFolder Folder { get; }

    protected override IRepositoryStore Store => new FolderStore(Folder);

    protected override Task DamageAsync(FileKind kind, FileId id, byte[] content)
    {
        Folder.Write(RepositoryLayout.Path(kind, id), content);
        return Task.CompletedTask;
    }
}

public sealed class MemoryFolderStoreContractTests : FolderStoreContract
{
    protected override IDurableFolder Folder { get; } = new MemoryVolume().FolderAt("repository");
}

public sealed class FaultyFolderStoreContractTests : FolderStoreContract
{
    protected override IDurableFolder Folder { get; } = new FaultyFolder(new MemoryVolume().FolderAt(""), FaultPlan.None);
}

public sealed class LocalFolderStoreByGroupContractTests() : LocalFolderStoreContract(Durability.Group);

public sealed class LocalFolderStoreByFileContractTests() : LocalFolderStoreContract(Durability.File);

public abstract class LocalFolderStoreContract : FolderStoreContract, IDisposable
{
    private readonly TempFolder _temp = new(inMemory: true);
    private readonly LocalVolumes _volumes;

    protected LocalFolderStoreContract(Durability durability)
    {
        if (durability is Durability.Group)
            Needs.Linux();
        _volumes = new LocalVolumes(durability);
        Folder = _volumes.Open(_temp.Folder("repository"), EntryPermissions.Sealed);
    }

    protected override IDurableFolder Folder { get; }

    public void Dispose()
    {
        _volumes.Dispose();
        _temp.Dispose();
        GC.SuppressFinalize(this);
    }
}

public sealed class MemoryContainerStoreContractTests : ContainerStoreContract
{
    protected override IBlobStore Blobs { get; } = new MemoryBlobStore(TimeProvider.System);
}

public sealed class AzureContainerStoreContractTests(Azurite azurite) : ContainerStoreContract, IAsyncLifetime
{
    private AzureBlobStore? _blobs;

    protected override IBlobStore Blobs => _blobs ?? throw new InvalidOperationException("Not initialized.");

    public async ValueTask InitializeAsync()
    {
        _blobs = new AzureBlobStore(azurite.Account, Azurite.NewContainer(), "backups/hospital");
        await _blobs.CreateContainerAsync(Cancellation);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

public abstract class ContainerStoreContract : RepositoryStoreContract
{
    protected abstract IBlobStore Blobs { get; }

    protected override IRepositoryStore Store => new ContainerStore(Blobs);

    protected override async Task DamageAsync(FileKind kind, FileId id, byte[] content)
    {
        string name = RepositoryLayout.Path(kind, id);
        await Blobs.DeleteAsync(name, null, Cancellation);
        await Blobs.PutIfAbsentAsync(name, new MemoryStream(content), Cancellation);
    }
}

public sealed class RestStoreContractTests : RestStoreContract
{
    public RestStoreContractTests(SharedRclone rclone)
        : base(rclone) => Store = Rest;

    protected override IRepositoryStore Store { get; }
}

public sealed class RetryingStoreContractTests : RestStoreContract
{
    public RetryingStoreContractTests(SharedRclone rclone)
        : base(rclone) => Store = new RetryingStore(Rest, TimeProvider.System, new RetryTerms { TotalTime = TimeSpan.Zero });

    protected override IRepositoryStore Store { get; }
}

public abstract class RestStoreContract : RepositoryStoreContract, IDisposable
{
    private readonly string _folder;

    protected RestStoreContract(SharedRclone rclone)
    {
        var address = rclone.Server.NewRepository();
        _folder = Path.Combine(rclone.Server.Folder, address.AbsolutePath.Trim('/'));
        Rest = new RestStore(address, null, TimeProvider.System);
    }

    protected RestStore Rest { get; }

    public void Dispose()
    {
        Rest.Dispose();
        GC.SuppressFinalize(this);
    }

    protected override Task DamageAsync(FileKind kind, FileId id, byte[] content) =>
        File.WriteAllBytesAsync(Path.Combine(_folder, RepositoryLayout.Path(kind, id)), content, Cancellation);
}
