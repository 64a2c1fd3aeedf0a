namespace DocIngest.Storage;

/// <summary>A stream for writing whose writes go wrong as a plan says. Closing is never counted: a dying process closes too.</summary>
internal sealed class FaultyStream(Stream inner, FaultPlan plan, string displayName) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => inner.CanWrite;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        var fault = Before(buffer);
        inner.Write(buffer);
        FaultyOperation.After(fault, displayName, null);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var fault = Before(buffer.Span);
        await inner.WriteAsync(buffer, cancellationToken);
        FaultyOperation.After(fault, displayName, null);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

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
