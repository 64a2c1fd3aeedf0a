namespace DocIngest.Storage;

/// <summary>A blob store whose operations go wrong as a plan says. Torn writes and failed flushes do not exist here: a put is whole or not at all.</summary>
/// <param name="plan">Shared by all stores and folders whose operations are counted together.</param>
public sealed class FaultyBlobStore(IBlobStore inner, FaultPlan plan) : IBlobStore
{
    /// <inheritdoc />
    public string DisplayName => inner.DisplayName;

    /// <inheritdoc />
    public IBlobStore OnCallersThread => new FaultyBlobStore(inner.OnCallersThread, plan);

    /// <inheritdoc />
    public IBlobProtection? Protection => inner.Protection is { } protection ? new FaultyBlobProtection(protection, plan, DisplayName) : null;

    /// <inheritdoc />
    public Task<BlobInfo?> FindAsync(string name, CancellationToken cancellation) =>
        RunAsync(OperationKind.Read, () => inner.FindAsync(name, cancellation));

    /// <inheritdoc />
    public Task<Stream> OpenReadAsync(string name, long offset, long? length, CancellationToken cancellation) =>
        RunAsync(OperationKind.Read, () => inner.OpenReadAsync(name, offset, length, cancellation));

    /// <inheritdoc />
    public IAsyncEnumerable<BlobInfo> ListAsync(string prefix, CancellationToken cancellation) =>
        FaultyOperation.Run(plan, OperationKind.Read, DisplayName, () => inner.ListAsync(prefix, cancellation));

    /// <inheritdoc />
    public Task<BlobInfo> PutIfAbsentAsync(string name, Stream content, CancellationToken cancellation) =>
        RunAsync(OperationKind.Change, () => inner.PutIfAbsentAsync(name, content, cancellation));

    /// <inheritdoc />
    public Task<BlobInfo> PutIfMatchAsync(
        string name, Stream content, BlobVersion version, IBlobLease? lease, CancellationToken cancellation) =>
        RunAsync(OperationKind.Change, () => inner.PutIfMatchAsync(name, content, version, Inner(lease), cancellation));

    /// <inheritdoc />
    public Task DeleteAsync(string name, IBlobLease? lease, CancellationToken cancellation) =>
        RunAsync(OperationKind.Change, async () =>
        {
            await inner.DeleteAsync(name, Inner(lease), cancellation);
            return true;
        });

    /// <inheritdoc />
    public Task<IBlobLease?> TryLeaseAsync(string name, TimeSpan duration, CancellationToken cancellation) =>
        RunAsync<IBlobLease?>(OperationKind.Change, async () =>
            await inner.TryLeaseAsync(name, duration, cancellation) is { } lease ? new FaultyLease(lease, plan, DisplayName) : null);

    /// <inheritdoc />
    public Task<IBlobLease?> TryShareLeaseAsync(string name, Guid holder, TimeSpan duration, CancellationToken cancellation) =>
        RunAsync<IBlobLease?>(OperationKind.Change, async () =>
            await inner.TryShareLeaseAsync(name, holder, duration, cancellation) is { } lease ? new FaultyLease(lease, plan, DisplayName) : null);

    private static IBlobLease? Inner(IBlobLease? lease) => lease is FaultyLease faulty ? faulty.Inner : lease;

    private Task<T> RunAsync<T>(OperationKind kind, Func<Task<T>> operation) =>
        FaultyOperation.RunAsync(plan, kind, DisplayName, operation);
}
