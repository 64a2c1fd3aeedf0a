using Microsoft.Extensions.Logging;

namespace DocIngest.Pipeline;

/// <summary>Tells of damaged system objects: each once a day, however often somebody stumbles over it, and at once where it came back.</summary>
/// <param name="time">The clock.</param>
/// <param name="logger">Event 1019.</param>
internal sealed class DamageReports(TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Again = TimeSpan.FromDays(1);   // an alarm that comes every half minute is switched off

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Code, string Path), long> _told = [];   // under _gate

    /// <summary>Tells of damage.</summary>
    public void Tell(string code, string path)
    {
        lock (_gate)
        {
            if (_told.TryGetValue((code, path), out long at) && time.GetElapsedTime(at) < Again)
            {
                return;
            }

            _told[(code, path)] = time.GetTimestamp();
        }

        logger.SystemObjectDamaged(code, path);
    }

    /// <summary>All of it was found whole.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _told.Clear();
        }
    }
}
