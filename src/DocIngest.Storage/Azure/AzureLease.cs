using Azure.Storage.Blobs.Specialized;

namespace DocIngest.Storage;

/// <summary>Azure's own lease on a blob.</summary>
internal sealed class AzureLease(BlobLeaseClient lease, string store) : IBlobLease
{
    internal string Id => lease.LeaseId;

    public async Task RenewAsync(CancellationToken cancellation)
    {
        try
        {
            await AzureError.TranslatedAsync(() => lease.RenewAsync(conditions: null, cancellation), store, cancellation);
        }
        catch (EntryNotFoundException gone)
        {
            throw new PreconditionFailedException($"{store}: the lease is lost with its blob.", gone);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await AzureError.TranslatedAsync(() => lease.ReleaseAsync(conditions: null, CancellationToken.None), store, CancellationToken.None);
        }
        catch (StorageException)
        {
            // A lease that is not given up runs out within a minute, and one that is another's by now was not ours to give up.
        }
    }
}
