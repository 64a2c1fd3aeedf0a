namespace DocIngest.Pipeline.Extraction;

/// <summary>
/// Slows the starting of workers down when they die one after another: 100 ms after the fourth in a row, doubling to 30 s. One
/// hostile document (two deaths) costs nothing; a broken installation does not keep the machine busy.
/// </summary>
internal sealed class StartBackoff(TimeProvider time)
{
    private const int FreeDeaths = 3;
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private int _deaths;      // under _gate
    private long _lastDeath;  // under _gate

    /// <summary>A worker answered to the end.</summary>
    public void NoteAnswer()
    {
        lock (_gate)
        {
            _deaths = 0;
        }
    }

    /// <summary>A worker died, or did not start.</summary>
    public void NoteDeath()
    {
        lock (_gate)
        {
            _deaths++;
            _lastDeath = time.GetTimestamp();
        }
    }

    /// <summary>How long to wait before the next start; zero as a rule.</summary>
    public TimeSpan Delay
    {
        get
        {
            lock (_gate)
            {
                if (_deaths <= FreeDeaths)
                {
                    return TimeSpan.Zero;
                }

                double doubled = First.TotalMilliseconds * Math.Pow(2, Math.Min(_deaths - FreeDeaths - 1, 16));
                var pause = TimeSpan.FromMilliseconds(Math.Min(doubled, Longest.TotalMilliseconds));
                var left = pause - time.GetElapsedTime(_lastDeath);
                return left > TimeSpan.Zero ? left : TimeSpan.Zero;
            }
        }
    }
}
