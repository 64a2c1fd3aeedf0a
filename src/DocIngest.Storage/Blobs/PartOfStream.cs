namespace DocIngest.Storage;

/// <summary>The next bytes of a stream, up to a number; owns the stream.</summary>
internal sealed class PartOfStream(Stream inner, long lengthBytes) : ReadOnlyStream
{
    private long _left = lengthBytes;

    public override bool CanRead => inner.CanRead;

    public override int Read(Span<byte> buffer)
    {
        int read = inner.Read(buffer[..(int)Math.Min(_left, buffer.Length)]);
        _left -= read;
        return read;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await inner.ReadAsync(buffer[..(int)Math.Min(_left, buffer.Length)], cancellationToken);
        _left -= read;
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
