using DocIngest.TestKit.Servers;

namespace DocIngest.Storage.Tests;

/// <summary>A store in a container of its own; small pieces, so that little content makes many requests.</summary>
public abstract class AzureBlobStoreContract(Azurite azurite, string prefix) : BlobStoreContract, IAsyncLifetime
{
    private AzureBlobStore? _store;

    protected override IBlobStore Store => _store ?? throw new InvalidOperationException("Not initialized.");

    public async ValueTask InitializeAsync()
    {
        var transfers = new AzureTransfers(OneRequestBytes: LargeBytes, BlockBytes: LargeBytes, PageEntries: 3);
        _store = new AzureBlobStore(azurite.Account, Azurite.NewContainer(), prefix, transfers);
        await _store.CreateContainerAsync(Cancellation);
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    protected override Task PassAsync(TimeSpan time) => azurite.AdvanceAsync(time);
}

[Collection(Azurite.Clock)]
public sealed class AzureBlobStoreContractTests(Azurite azurite) : AzureBlobStoreContract(azurite, "");

[Collection(Azurite.Clock)]
public sealed class AzureBlobStoreBelowAPrefixContractTests(Azurite azurite) : AzureBlobStoreContract(azurite, "the archive/of 2026");
