using System.Runtime.CompilerServices;

namespace DocIngest.Storage;

/// <summary>Blobs in memory, for tests.</summary>
/// <remarks>
/// With protection it is stricter than Azure, where a put over a protected blob leaves that one as a former version: here it is refused, so that whoever relies on such a put is found out.
/// </remarks>
/// <param name="time">Decides when leases run out, and until when blobs are immutable.</param>
/// <param name="protects">Whether it can protect blobs, and keeps former versions, as an account does that can. Default: neither.</param>
public sealed class MemoryBlobStore(TimeProvider time, bool protects = false) : IBlobStore
{
    private readonly Lock _gate = new();

    // Under _gate.
    private readonly SortedDictionary<string, Blob> _blobs = new(StringComparer.Ordinal);
    private readonly List<Former> _former = [];
    private long _lastVersion;

    /// <inheritdoc />
    public string DisplayName => "memory blobs";

    /// <inheritdoc />
    public IBlobStore OnCallersThread => this;

    /// <inheritdoc />
    public IBlobProtection? Protection => protects ? new Protecting(this) : null;

    /// <summary>Names of blobs that were replaced or deleted, once for each time; always empty without protection.</summary>
    public IReadOnlyList<string> FormerVersions
    {
        get
        {
            lock (_gate)
                return [.. _former.Select(former => former.Name)];
        }
    }

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
            CheckUnprotected(blob.KeptUntil, blob.IsHeld);
            KeepFormer(blob);
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
            {
                CheckLease(blob, lease);
                CheckUnprotected(blob.KeptUntil, blob.IsHeld);
                KeepFormer(blob);
            }

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

    private void CheckUnprotected(DateTimeOffset? keptUntil, bool isHeld)
    {
        if (isHeld || keptUntil > time.GetUtcNow())
            throw new StorageDeniedException($"{DisplayName}: the blob is immutable, or under a legal hold.");
    }

    private void KeepFormer(Blob blob)
    {
        if (protects)
            _former.Add(new Former(blob.Info.Name, blob.KeptUntil, blob.IsHeld));
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

        internal DateTimeOffset? KeptUntil { get; set; }

        internal bool IsHeld { get; set; }
    }

    private sealed record Former(string Name, DateTimeOffset? KeptUntil, bool IsHeld);

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

    private sealed class Protecting(MemoryBlobStore store) : IBlobProtection
    {
        public Task<bool> IsSupportedAsync(CancellationToken cancellation) => Task.FromResult(true);

        public async IAsyncEnumerable<ProtectedBlob> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
        {
            await foreach (var blob in store.ListAsync(prefix, cancellation))
            {
                ProtectedBlob? shown;
                lock (store._gate)
                    shown = store._blobs.GetValueOrDefault(blob.Name) is { } found ? new ProtectedBlob(blob.Name, found.KeptUntil, found.IsHeld) : null;
                if (shown is not null)
                    yield return shown;
            }
        }

        public Task KeepUntilAsync(string name, DateTimeOffset until, CancellationToken cancellation) => ChangeAsync(name, blob => blob.KeptUntil = until);

        public Task SetLegalHoldAsync(string name, bool isHeld, CancellationToken cancellation) => ChangeAsync(name, blob => blob.IsHeld = isHeld);

        public Task DeleteFormerVersionsAsync(string prefix, CancellationToken cancellation)
        {
            lock (store._gate)
            {
                foreach (var former in store._former.Where(former => former.Name.StartsWith(prefix, StringComparison.Ordinal)).ToList())
                {
                    store.CheckUnprotected(former.KeptUntil, former.IsHeld);
                    store._former.Remove(former);
                }
            }

            return Task.CompletedTask;
        }

        private Task ChangeAsync(string name, Action<Blob> change)
        {
            BlobName.Check(name);
            lock (store._gate)
                change(store.Existing(name));
            return Task.CompletedTask;
        }
    }
}
