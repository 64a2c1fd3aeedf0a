namespace DocIngest.Storage;

/// <summary>The bytes of a blob as they come; owns the stream they come by. Failures on the way are Storage's own exceptions.</summary>
internal sealed class AzureReadStream(Stream inner, long length, string store) : ReadOnlyStream
{
    public override bool CanRead => inner.CanRead;

    public override long Length => length;

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return inner.Read(buffer);
        }
        catch (Exception error) when (AzureError.IsFailure(error, CancellationToken.None))
        {
            throw AzureError.Translate(error, store);
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await inner.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception error) when (AzureError.IsFailure(error, cancellationToken))
        {
            throw AzureError.Translate(error, store);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
