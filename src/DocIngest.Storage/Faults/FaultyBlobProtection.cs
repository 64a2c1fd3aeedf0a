namespace DocIngest.Storage;

/// <summary>The protection of a store whose operations go wrong as a plan says.</summary>
internal sealed class FaultyBlobProtection(IBlobProtection inner, FaultPlan plan, string displayName) : IBlobProtection
{
    public Task<bool> IsSupportedAsync(CancellationToken cancellation) => RunAsync(OperationKind.Read, () => inner.IsSupportedAsync(cancellation));

    public IAsyncEnumerable<ProtectedBlob> ListAsync(string prefix, CancellationToken cancellation) =>
        FaultyOperation.Run(plan, OperationKind.Read, displayName, () => inner.ListAsync(prefix, cancellation));

    public Task KeepUntilAsync(string name, DateTimeOffset until, CancellationToken cancellation) => ChangeAsync(() => inner.KeepUntilAsync(name, until, cancellation));

    public Task SetLegalHoldAsync(string name, bool isHeld, CancellationToken cancellation) => ChangeAsync(() => inner.SetLegalHoldAsync(name, isHeld, cancellation));

    public Task DeleteFormerVersionsAsync(string prefix, CancellationToken cancellation) => ChangeAsync(() => inner.DeleteFormerVersionsAsync(prefix, cancellation));

    private Task ChangeAsync(Func<Task> operation) => RunAsync(OperationKind.Change, async () =>
    {
        await operation();
        return true;
    });

    private Task<T> RunAsync<T>(OperationKind kind, Func<Task<T>> operation) => FaultyOperation.RunAsync(plan, kind, displayName, operation);
}
