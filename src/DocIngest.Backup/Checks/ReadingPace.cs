namespace DocIngest.Backup.Checks;

/// <summary>How much must be read now, so that all of something is read within a time, however often somebody reads: of packs, and of whatever else is read again.</summary>
/// <param name="Within">In what time everything must be read.</param>
/// <param name="SinceLast">How long ago the last run began.</param>
/// <param name="UntilNext">How long it may be until the next one begins.</param>
public sealed record ReadingPace(TimeSpan Within, TimeSpan SinceLast, TimeSpan UntilNext)
{
    /// <summary>How many are due: the share of all that the time since the last run is of the time there is.</summary>
    public long Share(long count) => (long)Math.Ceiling(count * (Bounded(SinceLast) / Within));

    /// <summary>Whether something would be too old by the time of the next run.</summary>
    /// <param name="age">How long ago it was read.</param>
    public bool CannotWait(TimeSpan age) => age + Bounded(UntilNext) > Within;

    // Clocks are set.
    private TimeSpan Bounded(TimeSpan time) => time < TimeSpan.Zero ? TimeSpan.Zero : time > Within ? Within : time;
}
