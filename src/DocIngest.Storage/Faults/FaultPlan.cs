namespace DocIngest.Storage;

/// <summary>What goes wrong.</summary>
public enum FaultKind
{
    /// <summary>Nothing: the plan only counts.</summary>
    None,

    /// <summary>The operation is not done and reports <see cref="StorageUnavailableException"/>.</summary>
    FailBefore,

    /// <summary>The operation is done and reports <see cref="StorageUnavailableException"/> nevertheless.</summary>
    FailAfter,

    /// <summary>The operation is not done and reports <see cref="StorageFullException"/>.</summary>
    Full,

    /// <summary>A write does its first half and reports <see cref="StorageUnavailableException"/>; other operations fail before.</summary>
    TornWrite,

    /// <summary>A flush reports <see cref="FlushFailedException"/>, and a memory volume forgets unflushed data; other operations are done as usual.</summary>
    FlushFails,

    /// <summary>This operation and every later one throws <see cref="PowerCutException"/>. The test then cuts the volume's power.</summary>
    PowerCut,
}

/// <summary>Makes the n-th operation go wrong, counted over all folders and blob stores that share the plan.</summary>
/// <remarks>
/// A test runs n = 1, 2, 3 and so on until <see cref="Fired"/> stays false: then every operation has failed once. Counted are changes,
/// each write to a stream, and flushes; with <paramref name="countReads"/> also looking up, listing, probing and opening for reading.
/// </remarks>
/// <param name="failAt">Which operation, from 1.</param>
/// <param name="countReads">Whether operations that change nothing count too.</param>
/// <param name="lostData">What a memory volume keeps of unflushed data when <see cref="FaultKind.FlushFails"/> strikes; nothing if null.</param>
public sealed class FaultPlan(int failAt, FaultKind kind, bool countReads = false, PowerCutChoice? lostData = null)
{
    private int _operations;
    private volatile bool _fired;

    /// <summary>A plan under which nothing ever fails.</summary>
    public static FaultPlan None => new(int.MaxValue, FaultKind.None);

    /// <summary>Whether the n-th operation was reached (for <see cref="FaultKind.FlushFails"/>: a flush from the n-th operation on).</summary>
    public bool Fired => _fired;

    /// <summary>Operations counted so far.</summary>
    public int Operations => Volatile.Read(ref _operations);

    /// <summary>Whether the power is gone.</summary>
    internal bool IsPowerCut => kind is FaultKind.PowerCut && _fired;

    internal PowerCutChoice LostData { get; } = lostData ?? PowerCutChoice.KeepNothing;

    /// <summary>What happens to the operation about to be done.</summary>
    /// <exception cref="PowerCutException">The power went with this operation or an earlier one.</exception>
    internal FaultKind Next(OperationKind operation)
    {
        if (kind is FaultKind.PowerCut && _fired)
            throw new PowerCutException();
        if (operation is OperationKind.Read && !countReads)
            return FaultKind.None;
        if (!Strikes(Interlocked.Increment(ref _operations), operation))
            return FaultKind.None;

        _fired = true;
        return kind switch
        {
            FaultKind.PowerCut => throw new PowerCutException(),
            FaultKind.TornWrite when operation is not OperationKind.Write => FaultKind.FailBefore,
            _ => kind,
        };
    }

    // A flush is what can fail to flush: the first one from the n-th operation on.
    private bool Strikes(int number, OperationKind operation) =>
        kind is FaultKind.FlushFails
            ? operation is OperationKind.Flush && number >= failAt && !_fired
            : kind is not FaultKind.None && number == failAt;
}

/// <summary>What a plan counts.</summary>
internal enum OperationKind
{
    /// <summary>Changes nothing.</summary>
    Read,

    /// <summary>Changes names or lengths, or a blob.</summary>
    Change,

    /// <summary>Writes bytes to a stream.</summary>
    Write,

    /// <summary>Makes changes durable.</summary>
    Flush,
}
