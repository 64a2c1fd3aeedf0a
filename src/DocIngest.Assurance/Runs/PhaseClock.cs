using DocIngest.Assurance.Reports;

namespace DocIngest.Assurance.Runs;

/// <summary>How long what took.</summary>
internal sealed class PhaseClock(TimeProvider time)
{
    private readonly List<(RecoveryPhase Phase, bool GrowsWithBytes)> _phases = [];

    /// <summary>All so far.</summary>
    public IReadOnlyList<RecoveryPhase> Phases => [.. _phases.Select(one => one.Phase)];

    /// <summary>All together.</summary>
    public TimeSpan Total => TimeSpan.FromSeconds(_phases.Sum(one => one.Phase.Seconds));

    /// <summary>Does something, and measures it.</summary>
    /// <param name="name">What, for a person.</param>
    /// <param name="work">The work.</param>
    /// <param name="bytes">How much it moved; null where that is not what takes the time.</param>
    public async Task<T> MeasureAsync<T>(string name, Func<Task<T>> work, Func<T, long>? bytes = null)
    {
        long start = time.GetTimestamp();
        var result = await work();
        _phases.Add((new RecoveryPhase(name, Math.Round(time.GetElapsedTime(start).TotalSeconds, 3), bytes?.Invoke(result)), bytes is not null));
        return result;
    }

    /// <summary>How long it would take for more bytes: what moves bytes grows with them, the rest stays.</summary>
    public TimeSpan ForBytes(long bytes, long moved) => moved == 0
        ? Total
        : TimeSpan.FromSeconds(_phases.Sum(one => one.GrowsWithBytes ? one.Phase.Seconds * ((double)bytes / moved) : one.Phase.Seconds));
}
