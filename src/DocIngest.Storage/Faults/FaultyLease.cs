namespace DocIngest.Storage;

/// <summary>A lease whose renewals go wrong as a plan says. Whom the power cut has killed gives nothing up: his lease stands until it runs out.</summary>
internal sealed class FaultyLease(IBlobLease inner, FaultPlan plan, string displayName) : IBlobLease
{
    internal IBlobLease Inner => inner;

    public async Task RenewAsync(CancellationToken cancellation)
    {
        var fault = FaultyOperation.Before(plan, OperationKind.Change, displayName);
        await inner.RenewAsync(cancellation);
        FaultyOperation.After(fault, displayName, null);
    }

    // Not counted, like closing a file: whoever lives on gives it up.
    public ValueTask DisposeAsync() => plan.IsPowerCut ? ValueTask.CompletedTask : inner.DisposeAsync();
}
