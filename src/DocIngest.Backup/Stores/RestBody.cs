using DocIngest.Storage;

namespace DocIngest.Backup.Stores;

/// <summary>The content of an answer as it comes; owns the stream it comes by. Where nothing comes for too long, or it breaks off, that is told.</summary>
internal sealed class RestBody(Stream inner, TimeSpan longestSilence, TimeProvider time, string store) : ReadOnlyStream
{
    private readonly CancellationTokenSource _silence = new(Timeout.InfiniteTimeSpan, time);

    /// <summary>Not used: only the asynchronous form can be given up.</summary>
    public override int Read(Span<byte> buffer) => throw new NotSupportedException();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _silence.CancelAfter(longestSilence);
        await using var stop = cancellationToken.UnsafeRegister(static silence => ((CancellationTokenSource)silence!).Cancel(), _silence);   // '!': given here
        try
        {
            return await inner.ReadAsync(buffer, _silence.Token);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception error) when (RestFailure.Is(error, cancellationToken))
        {
            throw RestFailure.Translate(error, store);
        }
        finally
        {
            _silence.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _silence.Dispose();
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
