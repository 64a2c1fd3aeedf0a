namespace DocIngest.Storage;

/// <summary>Does an operation as a plan lets it: not at all, or done and reported as failed.</summary>
internal static class FaultyOperation
{
    internal static T Run<T>(FaultPlan plan, OperationKind kind, string displayName, Func<T> operation)
    {
        var fault = Before(plan, kind, displayName);
        var result = operation();
        After(fault, displayName, result as IDisposable);
        return result;
    }

    internal static async Task<T> RunAsync<T>(FaultPlan plan, OperationKind kind, string displayName, Func<Task<T>> operation)
    {
        var fault = Before(plan, kind, displayName);
        var result = await operation();
        After(fault, displayName, result as IDisposable);
        return result;
    }

    internal static StorageUnavailableException Unavailable(string displayName) => new($"{displayName}: failed, as the fault plan asked for.");

    internal static FaultKind Before(FaultPlan plan, OperationKind kind, string displayName)
    {
        var fault = plan.Next(kind);
        return fault switch
        {
            FaultKind.FailBefore => throw Unavailable(displayName),
            FaultKind.Full => throw new StorageFullException($"{displayName}: full, as the fault plan asked for."),
            _ => fault,
        };
    }

    internal static void After(FaultKind fault, string displayName, IDisposable? result)
    {
        if (fault is not FaultKind.FailAfter)
            return;
        result?.Dispose();
        throw Unavailable(displayName);
    }
}
