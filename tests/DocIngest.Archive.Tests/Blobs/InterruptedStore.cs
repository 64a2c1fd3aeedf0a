using DocIngest.Storage;

namespace DocIngest.Archive.Tests.Blobs;

/// <summary>A store that calls somebody in before one put, or tells of each renewal: what happens between two steps of a writer.</summary>
internal sealed class InterruptedStore(IBlobStore inner, Func<string, bool> isIt, Func<CancellationToken, Task> interrupt) : IBlobStore
{
    private int _interrupted;

    public string DisplayName => inner.DisplayName;

    public IBlobStore OnCallersThread => inner.OnCallersThread;

    public IBlobProtection? Protection => inner.Protection;

    public Func<Task>? Renewing { get; init; }

    public Task<BlobInfo?> FindAsync(string name, CancellationToken cancellation) => inner.FindAsync(name, cancellation);

    public Task<Stream> OpenReadAsync(string name, long offset, long? length, CancellationToken cancellation) =>
        inner.OpenReadAsync(name, offset, length, cancellation);

    public IAsyncEnumerable<BlobInfo> ListAsync(string prefix, CancellationToken cancellation) => inner.ListAsync(prefix, cancellation);

    public async Task<BlobInfo> PutIfAbsentAsync(string name, Stream content, CancellationToken cancellation)
    {
        await InterruptAsync($"put {name}", cancellation);
        return await inner.PutIfAbsentAsync(name, content, cancellation);
    }

    public async Task<BlobInfo> PutIfMatchAsync(string name, Stream content, BlobVersion version, IBlobLease? lease, CancellationToken cancellation)
    {
        await InterruptAsync($"replace {name}", cancellation);
        return await inner.PutIfMatchAsync(name, content, version, (lease as Told)?.Inner ?? lease, cancellation);
    }

    public Task DeleteAsync(string name, IBlobLease? lease, CancellationToken cancellation) =>
        inner.DeleteAsync(name, (lease as Told)?.Inner ?? lease, cancellation);

    public async Task<IBlobLease?> TryLeaseAsync(string name, TimeSpan duration, CancellationToken cancellation) =>
        await inner.TryLeaseAsync(name, duration, cancellation) is { } lease ? new Told(lease, Renewing) : null;

    public Task<IBlobLease?> TryShareLeaseAsync(string name, Guid holder, TimeSpan duration, CancellationToken cancellation) =>
        inner.TryShareLeaseAsync(name, holder, duration, cancellation);

    private async Task InterruptAsync(string operation, CancellationToken cancellation)
    {
        if (isIt(operation) && Interlocked.Exchange(ref _interrupted, 1) == 0)
        {
            await interrupt(cancellation);
        }
    }

    private sealed class Told(IBlobLease inner, Func<Task>? renewing) : IBlobLease
    {
        public IBlobLease Inner => inner;

        public async Task RenewAsync(CancellationToken cancellation)
        {
            await inner.RenewAsync(cancellation);
            await (renewing?.Invoke() ?? Task.CompletedTask);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
