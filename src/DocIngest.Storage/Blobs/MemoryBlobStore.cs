using System.Runtime.CompilerServices;

namespace DocIngest.Storage;

/// <summary>Blobs in memory, for tests.</summary>
/// <param name="time">Decides when leases run out.</param>
public sealed class MemoryBlobStore(TimeProvider time) : IBlobStore
{
    private readonly Lock _gate = new();

    // Under _gate.
    private readonly SortedDictionary<string, Blob> _blobs = new(StringComparer.Ordinal);
    private long _lastVersion;

    /// <inheritdoc />
    public string DisplayName => "memory blobs";

    /// <inheritdoc />
    public IBlobStore OnCallersThread => this;

    /// <inheritdoc />
    public Task<BlobInfo?> FindAsync(string name, CancellationToken cancellation)
    {
        BlobName.Check(name);
        cancellation.ThrowIfCancellationRequested();
        lock (_gate)
            return Task.FromResult(_blobs.GetValueOrDefault(name)?.Info);
    }

    /// <inheritdoc />
    public Task<Stream> OpenReadAsync(string name, long offset, long? length, CancellationToken cancellation)
    {
        BlobName.Check(name);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        cancellation.ThrowIfCancellationRequested();
        byte[] bytes = Existing(name).Bytes;
        int start = (int)Math.Min(offset, bytes.Length);
        int count = (int)Math.Min(length ?? long.MaxValue, bytes.Length - start);
        return Task.FromResult<Stream>(new MemoryStream(bytes, start, count, writable: false));
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<BlobInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.CompletedTask;
        BlobInfo[] found;
        lock (_gate)
            found = [.. _blobs.Values.Select(blob => blob.Info).Where(blob => blob.Name.StartsWith(prefix, StringComparison.Ordinal))];
        foreach (var blob in found)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return blob;
        }
    }

    /// <inheritdoc />
    public async Task<BlobInfo> PutIfAbsentAsync(string name, Stream content, CancellationToken cancellation)
    {
        BlobName.Check(name);
        byte[] bytes = await ReadAsync(content, cancellation);
        lock (_gate)
        {
            if (_blobs.ContainsKey(name))
                throw new PreconditionFailedException("The blob exists.");
            return Put(name, bytes, lease: null);
        }
    }

    /// <inheritdoc />
    public async Task<BlobInfo> PutIfMatchAsync(
        string name, Stream content, BlobVersion version, IBlobLease? lease, CancellationToken cancellation)
    {
        BlobName.Check(name);
        byte[] bytes = await ReadAsync(content, cancellation);
        lock (_gate)
        {
            if (_blobs.GetValueOrDefault(name) is not { } blob || blob.Info.Version != version)
                throw new PreconditionFailedException("The blob is at another version.");
            CheckLease(blob, lease);
            return Put(name, bytes, blob.Lease);
        }
    }

    /// <inheritdoc />
    public Task DeleteAsync(string name, IBlobLease? lease, CancellationToken cancellation)
    {
        BlobName.Check(name);
        cancellation.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_blobs.GetValueOrDefault(name) is { } blob)
                CheckLease(blob, lease);
            _blobs.Remove(name);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task<IBlobLease?> TryLeaseAsync(string name, TimeSpan duration, CancellationToken cancellation) =>
        TryShareLeaseAsync(name, Guid.NewGuid(), duration, cancellation);

    /// <inheritdoc />
    public Task<IBlobLease?> TryShareLeaseAsync(string name, Guid holder, TimeSpan duration, CancellationToken cancellation)
    {
        BlobName.Check(name);
        LeaseDuration.Check(duration);
        cancellation.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var blob = Existing(name);
            if (IsLeased(blob) && blob.Lease?.Holder != holder)
                return Task.FromResult<IBlobLease?>(null);
            var lease = new Lease(this, name, holder, duration);
            blob.Lease = new Granted(holder, time.GetUtcNow() + duration);
            return Task.FromResult<IBlobLease?>(lease);
        }
    }

    private static async Task<byte[]> ReadAsync(Stream content, CancellationToken cancellation)
    {
        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes, cancellation);
        return bytes.ToArray();
    }

    private Blob Existing(string name)
    {
        lock (_gate)
            return _blobs.GetValueOrDefault(name) ?? throw new EntryNotFoundException("No such blob.");
    }

    private BlobInfo Put(string name, byte[] bytes, Granted? lease)
    {
        var info = new BlobInfo(name, bytes.Length, new BlobVersion($"{++_lastVersion}"));
        _blobs[name] = new Blob(info, bytes) { Lease = lease };
        return info;
    }

    private bool IsLeased(Blob blob) => blob.Lease is { } granted && granted.Until > time.GetUtcNow();

    /// <summary>A lease handed in must still hold; none may be held by another.</summary>
    private void CheckLease(Blob blob, IBlobLease? lease)
    {
        bool mine = IsLeased(blob) && lease is Lease own && blob.Lease?.Holder == own.Holder;
        if (!mine && (lease is not null || IsLeased(blob)))
            throw new PreconditionFailedException("The lease on the blob is another's, or ran out.");
    }

    private void Renew(Lease lease)
    {
        lock (_gate)
        {
            if (_blobs.GetValueOrDefault(lease.Name) is not { } blob || blob.Lease?.Holder != lease.Holder)
                throw new PreconditionFailedException("The lease is lost.");
            blob.Lease = new Granted(lease.Holder, time.GetUtcNow() + lease.Duration);
        }
    }

    private void Release(Lease lease)
    {
        lock (_gate)
        {
            if (_blobs.GetValueOrDefault(lease.Name) is { } blob && blob.Lease?.Holder == lease.Holder)
                blob.Lease = null;
        }
    }

    private sealed record Blob(BlobInfo Info, byte[] Bytes)
    {
        internal Granted? Lease { get; set; }
    }

    private sealed record Granted(Guid Holder, DateTimeOffset Until);

    private sealed class Lease(MemoryBlobStore store, string name, Guid holder, TimeSpan duration) : IBlobLease
    {
        internal string Name => name;

        internal Guid Holder => holder;

        internal TimeSpan Duration => duration;

        public Task RenewAsync(CancellationToken cancellation)
        {
            cancellation.ThrowIfCancellationRequested();
            store.Renew(this);
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            store.Release(this);
            return ValueTask.CompletedTask;
        }
    }
}
