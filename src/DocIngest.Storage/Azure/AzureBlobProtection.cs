using System.Runtime.CompilerServices;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace DocIngest.Storage;

/// <summary>Version-level immutability and legal hold of Azure. The container, or its account, must be made with them; the emulator has neither.</summary>
/// <param name="container">The container.</param>
/// <param name="prefix">What stands before every name, with its slash; empty for none.</param>
/// <param name="store">Its name for people.</param>
/// <param name="pageEntries">How many blobs a listing asks for at once.</param>
internal sealed class AzureBlobProtection(BlobContainerClient container, string prefix, string store, int pageEntries) : IBlobProtection
{
    /// <inheritdoc />
    /// <exception cref="ContainerNotFoundException">There is no such container.</exception>
    public async Task<bool> IsSupportedAsync(CancellationToken cancellation) =>
        (await AskAsync(() => container.GetPropertiesAsync(cancellationToken: cancellation), cancellation)).Value.HasImmutableStorageWithVersioning;

    /// <inheritdoc />
    public async IAsyncEnumerable<ProtectedBlob> ListAsync(string below, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var blob in PagesAsync(BlobTraits.ImmutabilityPolicy | BlobTraits.LegalHold, BlobStates.None, below, cancellation))
        {
            yield return new ProtectedBlob(blob.Name[prefix.Length..], blob.Properties.ImmutabilityPolicy?.ExpiresOn, blob.Properties.HasLegalHold);
        }
    }

    /// <inheritdoc />
    public Task KeepUntilAsync(string name, DateTimeOffset until, CancellationToken cancellation)
    {
        var policy = new BlobImmutabilityPolicy { ExpiresOn = until, PolicyMode = BlobImmutabilityPolicyMode.Unlocked };
        return AskAsync(() => Blob(name).SetImmutabilityPolicyAsync(policy, cancellationToken: cancellation), cancellation);
    }

    /// <inheritdoc />
    public Task SetLegalHoldAsync(string name, bool isHeld, CancellationToken cancellation) =>
        AskAsync(() => Blob(name).SetLegalHoldAsync(isHeld, cancellation), cancellation);

    /// <inheritdoc />
    public async Task DeleteFormerVersionsAsync(string below, CancellationToken cancellation)
    {
        await foreach (var version in PagesAsync(BlobTraits.None, BlobStates.Version, below, cancellation))
        {
            if (version.IsLatestVersion != true && version.VersionId is { } id)   // the current one is no version to be deleted by its id: Azure answers 403
            {
                await DeleteAsync(version.Name, id, cancellation);
            }
        }
    }

    private async Task DeleteAsync(string name, string version, CancellationToken cancellation)
    {
        try
        {
            await AskAsync(() => container.GetBlobBaseClient(name).WithVersion(version).DeleteAsync(cancellationToken: cancellation), cancellation);
        }
        catch (EntryNotFoundException)
        {
            // What was asked for: an earlier call, or a rule of the account, was faster.
        }
    }

    private async IAsyncEnumerable<BlobItem> PagesAsync(BlobTraits traits, BlobStates states, string below, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var pages = container.GetBlobsAsync(traits, states, prefix + below, cancellation).AsPages(null, pageEntries).GetAsyncEnumerator(cancellation);
        while (await AskAsync(() => pages.MoveNextAsync().AsTask(), cancellation))
        {
            foreach (var blob in pages.Current.Values)
                yield return blob;
        }
    }

    private BlockBlobClient Blob(string name)
    {
        BlobName.Check(name);
        return container.GetBlockBlobClient(prefix + name);
    }

    private Task<T> AskAsync<T>(Func<Task<T>> request, CancellationToken cancellation) => AzureError.TranslatedAsync(request, store, cancellation);
}
