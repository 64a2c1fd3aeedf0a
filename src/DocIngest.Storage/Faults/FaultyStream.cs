namespace DocIngest.Storage;

/// <summary>A stream for writing whose writes go wrong as a plan says. Closing is never counted: a dying process closes too.</summary>
internal sealed class FaultyStream(Stream inner, FaultPlan plan, string displayName) : WriteOnlyStream
{
    public override bool CanWrite => inner.CanWrite;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        var fault = Before(buffer);
        inner.Write(buffer);
        FaultyOperation.After(fault, displayName, null);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var fault = Before(buffer.Span);
        await inner.WriteAsync(buffer, cancellationToken);
        FaultyOperation.After(fault, displayName, null);
    }

    public override void Flush() => inner.Flush();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    private FaultKind Before(ReadOnlySpan<byte> buffer)
    {
        var fault = FaultyOperation.Before(plan, OperationKind.Write, displayName);
        if (fault is not FaultKind.TornWrite)
            return fault;
        inner.Write(buffer[..(buffer.Length / 2)]);
        throw FaultyOperation.Unavailable(displayName);
    }
}
