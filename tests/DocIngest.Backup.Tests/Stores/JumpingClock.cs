namespace DocIngest.Backup.Tests.Stores;

/// <summary>A clock on which every pause is over at once: it goes on by the pause instead.</summary>
internal sealed class JumpingClock : TimeProvider
{
    private long _ticks;

    /// <summary>Timers longer than that never fire: they guard against what does not happen in the test.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.MaxValue;

    public TimeSpan Elapsed => TimeSpan.FromTicks(Interlocked.Read(ref _ticks));

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Pass(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + Elapsed;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == Timeout.InfiniteTimeSpan || dueTime > LongestPause)
            return new Timer(callback, state, Timeout.Infinite, Timeout.Infinite);
        Pass(dueTime);
        return new Timer(callback, state, 0, Timeout.Infinite);
    }
}
