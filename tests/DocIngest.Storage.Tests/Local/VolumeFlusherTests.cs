#pragma warning disable xUnit1069 // The token is referenced through the property Cancellation.
namespace DocIngest.Storage.Tests;

public sealed class VolumeFlusherTests : IDisposable
{
    // A broken flusher leaves its callers waiting; this turns a hang into a failure and is never reached otherwise.
    private const int HangsAfterMilliseconds = 60_000;

    private readonly SlowFlush _disk = new();
    private readonly VolumeFlusher _flusher;

    public VolumeFlusherTests() => _flusher = new VolumeFlusher(_disk.Flush, "the test volume");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _disk.LetAllGo();
        _flusher.Dispose();
        _disk.Dispose();
    }

    [Fact(Timeout = HangsAfterMilliseconds)]
    public async Task Callers_who_come_during_a_flush_share_the_next()
    {
        var first = _flusher.FlushAsync(Cancellation);
        _disk.WaitUntilStarted();
        var later = Enumerable.Range(0, 20).Select(_ => _flusher.FlushAsync(Cancellation)).ToArray();
        _disk.LetOneGo();
        await first;
        Assert.All(later, one => Assert.False(one.IsCompleted));
        _disk.WaitUntilStarted();
        _disk.LetOneGo();
        await Task.WhenAll(later);
        Assert.Equal(2, _disk.Count);
    }

    [Fact(Timeout = HangsAfterMilliseconds)]
    public async Task A_failure_reaches_everybody_who_waited_for_it_and_nobody_else()
    {
        var before = _flusher.FlushAsync(Cancellation);
        _disk.WaitUntilStarted();
        var failing = Enumerable.Range(0, 5).Select(_ => _flusher.FlushAsync(Cancellation)).ToArray();
        _disk.LetOneGo();
        await before;
        _disk.WaitUntilStarted();
        var after = _flusher.FlushAsync(Cancellation);
        _disk.FailOne();
        foreach (var one in failing)
            await Assert.ThrowsAsync<FlushFailedException>(() => one);
        Assert.Equal(1, _flusher.FailedFlushes);
        _disk.WaitUntilStarted();
        _disk.LetOneGo();
        await after;
    }

    [Fact(Timeout = HangsAfterMilliseconds)]
    public async Task Each_who_waited_gets_an_error_of_his_own()
    {
        var one = _flusher.FlushAsync(Cancellation);
        _disk.WaitUntilStarted();
        var (two, three) = (_flusher.FlushAsync(Cancellation), _flusher.FlushAsync(Cancellation));
        _disk.LetOneGo();
        await one;
        _disk.FailOne();
        Assert.NotSame(
            await Assert.ThrowsAsync<FlushFailedException>(() => two),
            await Assert.ThrowsAsync<FlushFailedException>(() => three));
    }

    [Fact(Timeout = HangsAfterMilliseconds)]
    public async Task Who_gives_up_waiting_does_not_break_the_others()
    {
        using var impatient = new CancellationTokenSource();
        var running = _flusher.FlushAsync(Cancellation);
        _disk.WaitUntilStarted();
        var cancelled = _flusher.FlushAsync(impatient.Token);
        var patient = _flusher.FlushAsync(Cancellation);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        _disk.LetOneGo();
        _disk.LetOneGo();
        await Task.WhenAll(running, patient);
        Assert.Equal(2, _disk.Count);
    }

    [Fact(Timeout = HangsAfterMilliseconds)]
    public async Task Flushes_never_overlap()
    {
        _disk.LetAllGo();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async _ =>
        {
            await Task.Yield();
            await _flusher.FlushAsync(Cancellation);
        }));
        Assert.False(_disk.Overlapped);
        Assert.InRange(_disk.Count, 1, 200);
    }

    [Fact(Timeout = HangsAfterMilliseconds)]
    public async Task Disposing_finishes_what_was_asked_for()
    {
        var asked = _flusher.FlushAsync(Cancellation);
        _disk.LetAllGo();
        _flusher.Dispose();
        await asked;
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _flusher.FlushAsync(Cancellation));
    }

    /// <summary>A disk whose flushes take as long as the test says.</summary>
    private sealed class SlowFlush : IDisposable
    {
        private readonly SemaphoreSlim _started = new(0);
        private readonly SemaphoreSlim _go = new(0);
        private int _running;
        private int _failures;
        private int _count;

        internal int Count => Volatile.Read(ref _count);

        internal bool Overlapped { get; private set; }

        internal void Flush()
        {
            Overlapped |= Interlocked.Increment(ref _running) > 1;
            Interlocked.Increment(ref _count);
            _started.Release();
            _go.Wait();
            Interlocked.Decrement(ref _running);
            if (Interlocked.Exchange(ref _failures, 0) > 0)
                throw new IOException("The disk failed.");
        }

        internal void WaitUntilStarted() => _started.Wait(Cancellation);

        internal void LetOneGo() => _go.Release();

        internal void FailOne()
        {
            Interlocked.Increment(ref _failures);
            _go.Release();
        }

        internal void LetAllGo() => _go.Release(1_000_000);

        public void Dispose()
        {
            _started.Dispose();
            _go.Dispose();
        }
    }
}
