using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace DocIngest.Storage;

/// <summary>Reads a container on the caller's thread, by the client library's own synchronous calls. Changes go the usual way.</summary>
/// <param name="store">The store that this is another view of.</param>
/// <param name="container">A client that tries again.</param>
/// <param name="storePrefix">Of every blob's name, with its slash.</param>
/// <param name="pageEntries">Blobs in one answer of a listing; null for as many as Azure gives.</param>
internal sealed class AzureReadsOnCallersThread(AzureBlobStore store, BlobContainerClient container, string storePrefix, int? pageEntries) : IBlobStore
{
    private readonly string _prefix = storePrefix;

    public string DisplayName => store.DisplayName;

    public IBlobStore OnCallersThread => this;

    public IBlobProtection? Protection => store.Protection;

    public Task<BlobInfo?> FindAsync(string name, CancellationToken cancellation) => Task.FromResult(Find(name, cancellation));

    public Task<Stream> OpenReadAsync(string name, long offset, long? length, CancellationToken cancellation)
    {
        var blob = Blob(name);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (length == 0)   // no range of HTTP is empty
            return Task.FromResult(Find(name, cancellation) is null ? throw new EntryNotFoundException($"{DisplayName}: no such blob.") : Stream.Null);
        var options = new BlobDownloadOptions { Range = new HttpRange(offset, length) };
        try
        {
            var answer = Ask(() => blob.DownloadStreaming(options, cancellation), cancellation).Value;
            return Task.FromResult<Stream>(new AzureReadStream(answer.Content, answer.Details.ContentLength, DisplayName));
        }
        catch (StorageDeniedException error) when (error.InnerException is RequestFailedException { Status: 416 })
        {
            return Task.FromResult(Stream.Null);   // it ends before the range begins
        }
    }

    public async IAsyncEnumerable<BlobInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        using var pages = container.GetBlobs(BlobTraits.None, BlobStates.None, _prefix + prefix, cancellation).AsPages(null, pageEntries).GetEnumerator();
        while (Ask(pages.MoveNext, cancellation))
        {
            foreach (var blob in pages.Current.Values)
                yield return AzureBlobStore.Describe(blob, _prefix);
        }
    }

    public Task<BlobInfo> PutIfAbsentAsync(string name, Stream content, CancellationToken cancellation) => store.PutIfAbsentAsync(name, content, cancellation);

    public Task<BlobInfo> PutIfMatchAsync(string name, Stream content, BlobVersion version, IBlobLease? lease, CancellationToken cancellation) =>
        store.PutIfMatchAsync(name, content, version, lease, cancellation);

    public Task DeleteAsync(string name, IBlobLease? lease, CancellationToken cancellation) => store.DeleteAsync(name, lease, cancellation);

    public Task<IBlobLease?> TryLeaseAsync(string name, TimeSpan duration, CancellationToken cancellation) => store.TryLeaseAsync(name, duration, cancellation);

    public Task<IBlobLease?> TryShareLeaseAsync(string name, Guid holder, TimeSpan duration, CancellationToken cancellation) =>
        store.TryShareLeaseAsync(name, holder, duration, cancellation);

    private BlobInfo? Find(string name, CancellationToken cancellation)
    {
        var blob = Blob(name);
        try
        {
            var found = Ask(() => blob.GetProperties(cancellationToken: cancellation), cancellation).Value;
            return new BlobInfo(name, found.ContentLength, AzureBlobStore.Version(found.ETag));
        }
        catch (EntryNotFoundException)
        {
            return null;
        }
    }

    private BlobClient Blob(string name)
    {
        BlobName.Check(name);
        return container.GetBlobClient(_prefix + name);
    }

    private T Ask<T>(Func<T> request, CancellationToken cancellation) => AzureError.Translated(request, DisplayName, cancellation);
}
