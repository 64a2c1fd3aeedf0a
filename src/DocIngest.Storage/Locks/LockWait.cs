namespace DocIngest.Storage;

/// <summary>Waits for a lock by asking again: the system's own waiting would hold a thread and could not be cancelled.</summary>
internal static class LockWait
{
    // Stripes are held for one rename and a flush, 1 to 30 ms; nobody should wait much longer than that for a free one.
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);

    internal static async Task<T> UntilAsync<T>(
        Func<T?> tryAcquire, string name, TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
        where T : class
    {
        long start = time.GetTimestamp();
        for (var pause = FirstPause; ; pause = Shorter(pause * 2, LongestPause))
        {
            cancellation.ThrowIfCancellationRequested();
            if (tryAcquire() is { } held)
                return held;
            var left = timeout == Timeout.InfiniteTimeSpan ? LongestPause : timeout - time.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
                throw new LockHeldException($"The lock {name} is still held by another after {timeout.TotalSeconds:0.###} s.");
            await Task.Delay(Shorter(pause, left), time, cancellation);
        }
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
