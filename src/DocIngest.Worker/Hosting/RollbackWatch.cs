using DocIngest.Archive;
using DocIngest.Storage;
using DocIngest.Worker.Backups;
using Microsoft.Extensions.Logging;

namespace DocIngest.Worker.Hosting;

/// <summary>Asks the backups, beside intake, whether this machine was rolled back: at the start, again while some of them could not be asked, and from time to time.</summary>
/// <param name="guard">Asks.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Events 5006 to 5008.</param>
internal sealed class RollbackWatch(RollbackGuard guard, TimeProvider time, ILogger logger)
{
    // Shares that are mounted late are there by then.
    private static readonly TimeSpan AgainSoon = TimeSpan.FromMinutes(5);

    // A virtual machine may be set back while the service runs.
    private static readonly TimeSpan AgainLater = TimeSpan.FromHours(1);

    private HashSet<string> _told = [];   // of the round before: an hour later it is no news

    /// <summary>Goes on until stopped.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (true)
        {
            bool isWell = await CompareAsync(stopping);
            await Task.Delay(isWell ? AgainLater : AgainSoon, time, stopping);
        }
    }

    private async Task<bool> CompareAsync(CancellationToken stopping)
    {
        try
        {
            var comparison = await guard.CompareAsync(stopping);
            Tell(comparison);
            return comparison.NotCompared.Count == 0;
        }
#pragma warning disable CA1031 // The edge of a scheduled job (STYLE 5): the next round tries again, and intake is not disturbed.
        catch (Exception error) when (!(error is OperationCanceledException && stopping.IsCancellationRequested))
#pragma warning restore CA1031
        {
            string reason = error is StorageException or ArchiveException ? error.Message : error.GetType().Name;
            Tell([(reason, () => logger.RollbackUnknown(reason))]);
            return false;
        }
    }

    private void Tell(Comparison comparison)
    {
        var told = comparison.NotCompared.Select(unasked => (unasked, (Action)(() => logger.RollbackUnknown(unasked)))).ToList();
        if (comparison.Stands || comparison.Strange.Count > 0)
        {
            told.Add(("rolled back", logger.RolledBack));
        }
        else if (told.Count == 0)
        {
            told.Add(("well", () => logger.NotRolledBack(comparison.Compared.Count)));
        }

        Tell(told);
    }

    private void Tell(IReadOnlyList<(string What, Action Say)> now)
    {
        foreach (var (_, say) in now.Where(one => !_told.Contains(one.What)))
        {
            say();
        }

        _told = [.. now.Select(one => one.What)];
    }
}
