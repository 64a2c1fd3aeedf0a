namespace DocIngest.Storage;

/// <summary>How long a lease may last: what Azure allows.</summary>
internal static class LeaseDuration
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    internal static void Check(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, Shortest);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(duration, Longest);
    }
}
