using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace DocIngest.Storage;

/// <summary>Blobs in a container of an Azure storage account, all below one prefix.</summary>
/// <remarks>
/// <para>A version is the blob's ETag, a lease is Azure's own. Deleting takes a blob's snapshots with it.</para>
/// <para>Nothing is tried twice here: whoever calls knows how long it may take, and its boundary retries in one place.</para>
/// </remarks>
public sealed class AzureBlobStore : IBlobStore
{
    private readonly BlobContainerClient _container;
    private readonly Lazy<IBlobStore> _onCallersThread;
    private readonly string _prefix;
    private readonly AzureBlobProtection _protection;
    private readonly AzureTransfers _transfers;

    /// <summary>Nothing is asked yet, so a container need not be there.</summary>
    /// <param name="account">Where, and what opens it.</param>
    /// <param name="container">The container's name.</param>
    /// <param name="prefix">What stands before every blob's name, joined by a slash; empty for none. Whatever Azure takes.</param>
    /// <exception cref="ArgumentException">No account, key, address or container can look like this.</exception>
    public AzureBlobStore(AzureAccount account, string container, string prefix = "")
        : this(account, container, prefix, new AzureTransfers())
    {
    }

    internal AzureBlobStore(AzureAccount account, string container, string prefix, AzureTransfers transfers)
    {
        _container = AzureContainerClient.Create(account, container);
        _prefix = prefix.Length == 0 ? "" : $"{prefix}/";
        _transfers = transfers;
        DisplayName = $"azure:{container}:/{prefix}";
        _protection = new AzureBlobProtection(_container, _prefix, DisplayName, transfers.PageEntries);
        _onCallersThread = new Lazy<IBlobStore>(() => new AzureReadsOnCallersThread(this, AzureContainerClient.Create(account, container, triesAgain: true), _prefix, _transfers.PageEntries));
    }

    /// <inheritdoc />
    public string DisplayName { get; }

    /// <inheritdoc />
    public IBlobStore OnCallersThread => _onCallersThread.Value;

    /// <inheritdoc />
    public IBlobProtection? Protection => _protection;

    /// <summary>Creates the container where there is none; only the account's credentials may see what is in it.</summary>
    /// <remarks>A signature for the container alone may not ask for that, and needs not: then a container that is missing is told by the first use.</remarks>
    public async Task CreateContainerAsync(CancellationToken cancellation)
    {
        try
        {
            await AskAsync(() => _container.CreateIfNotExistsAsync(PublicAccessType.None, cancellationToken: cancellation), cancellation);
        }
        catch (StorageDeniedException)
        {
            // It may be there all the same: restic goes on here, too (restic-format 1.3).
        }
    }

    /// <inheritdoc />
    public async Task<BlobInfo?> FindAsync(string name, CancellationToken cancellation)
    {
        var blob = Blob(name);
        try
        {
            var found = await AskAsync(() => blob.GetPropertiesAsync(cancellationToken: cancellation), cancellation);
            return new BlobInfo(name, found.Value.ContentLength, Version(found.Value.ETag));
        }
        catch (EntryNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc />
    public async Task<Stream> OpenReadAsync(string name, long offset, long? length, CancellationToken cancellation)
    {
        var blob = Blob(name);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (length == 0)   // no range of HTTP is empty
            return await FindAsync(name, cancellation) is null ? throw new EntryNotFoundException($"{DisplayName}: no such blob.") : Stream.Null;
        var options = new BlobDownloadOptions { Range = new HttpRange(offset, length) };
        try
        {
            var answer = await AskAsync(() => blob.DownloadStreamingAsync(options, cancellation), cancellation);
            return new AzureReadStream(answer.Value.Content, answer.Value.Details.ContentLength, DisplayName);
        }
        catch (StorageDeniedException error) when (error.InnerException is RequestFailedException { Status: 416 })
        {
            return Stream.Null;   // it ends before the range begins
        }
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<BlobInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var listing = _container.GetBlobsAsync(BlobTraits.None, BlobStates.None, _prefix + prefix, cancellation).AsPages(null, _transfers.PageEntries);
        await using var pages = listing.GetAsyncEnumerator(cancellation);
        while (await AskAsync(() => pages.MoveNextAsync().AsTask(), cancellation))
        {
            foreach (var blob in pages.Current.Values)
                yield return Describe(blob);
        }
    }

    /// <inheritdoc />
    public Task<BlobInfo> PutIfAbsentAsync(string name, Stream content, CancellationToken cancellation) =>
        PutAsync(name, content, new BlobRequestConditions { IfNoneMatch = ETag.All }, cancellation);

    /// <inheritdoc />
    public async Task<BlobInfo> PutIfMatchAsync(
        string name, Stream content, BlobVersion version, IBlobLease? lease, CancellationToken cancellation)
    {
        try
        {
            var conditions = new BlobRequestConditions { IfMatch = new ETag(version.Value), LeaseId = LeaseId(lease) };
            return await PutAsync(name, content, conditions, cancellation);
        }
        catch (EntryNotFoundException error)
        {
            throw new PreconditionFailedException($"{DisplayName}: the blob is gone.", error);
        }
    }

    /// <inheritdoc />
    public async Task DeleteAsync(string name, IBlobLease? lease, CancellationToken cancellation)
    {
        var blob = Blob(name);
        try
        {
            var conditions = new BlobRequestConditions { LeaseId = LeaseId(lease) };
            await AskAsync(() => blob.DeleteAsync(DeleteSnapshotsOption.IncludeSnapshots, conditions, cancellation), cancellation);
        }
        catch (EntryNotFoundException)
        {
            // What was asked for.
        }
    }

    /// <inheritdoc />
    public Task<IBlobLease?> TryLeaseAsync(string name, TimeSpan duration, CancellationToken cancellation) =>
        TryShareLeaseAsync(name, Guid.NewGuid(), duration, cancellation);

    /// <inheritdoc />
    public async Task<IBlobLease?> TryShareLeaseAsync(string name, Guid holder, TimeSpan duration, CancellationToken cancellation)
    {
        var blob = Blob(name);
        LeaseDuration.Check(duration);
        var lease = blob.GetBlobLeaseClient($"{holder:D}");   // Azure renews a lease that is asked for again by its own name
        try
        {
            await AskAsync(() => lease.AcquireAsync(duration, conditions: null, cancellation), cancellation);
            return new AzureLease(lease, DisplayName);
        }
        catch (PreconditionFailedException)
        {
            return null;
        }
    }

    private BlockBlobClient Blob(string name)
    {
        BlobName.Check(name);
        return _container.GetBlockBlobClient(_prefix + name);
    }

    private async Task<BlobInfo> PutAsync(string name, Stream content, BlobRequestConditions conditions, CancellationToken cancellation)
    {
        var (version, size) = await new AzureUpload(Blob(name), _transfers, DisplayName).PutAsync(content, conditions, cancellation);
        return new BlobInfo(name, size, Version(version));
    }

    private BlobInfo Describe(BlobItem blob) => Describe(blob, _prefix);

    internal static BlobInfo Describe(BlobItem blob, string prefix) =>
        new(blob.Name[prefix.Length..], blob.Properties.ContentLength ?? 0, Version(blob.Properties.ETag ?? default));

    private static string? LeaseId(IBlobLease? lease) => lease switch
    {
        null => null,
        AzureLease own => own.Id,
        _ => throw new PreconditionFailedException("The lease is not one of this store."),
    };

    /// <summary>A listing writes an ETag without the quotes that a header has.</summary>
    internal static BlobVersion Version(ETag tag) => new($"\"{tag.ToString().Trim('"')}\"");

    private Task<T> AskAsync<T>(Func<Task<T>> request, CancellationToken cancellation) => AzureError.TranslatedAsync(request, DisplayName, cancellation);
}
