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

    private string? _told;

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
            TellOnce(reason, () => logger.RollbackUnknown(reason));
            return false;
        }
    }

    private void Tell(Comparison comparison)
    {
        if (comparison.Stands || comparison.Strange.Count > 0)
        {
            TellOnce("rolled back", logger.RolledBack);
        }

        foreach (string unasked in comparison.NotCompared)
        {
            TellOnce(unasked, () => logger.RollbackUnknown(unasked));
        }

        if (!comparison.Stands && comparison.NotCompared.Count == 0)
        {
            TellOnce("well", () => logger.NotRolledBack(comparison.Compared.Count));
        }
    }

    // An hour is no news.
    private void TellOnce(string what, Action tell)
    {
        if (_told != what)
        {
            tell();
            _told = what;
        }
    }
}
