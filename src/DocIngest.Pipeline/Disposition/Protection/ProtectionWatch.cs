using DocIngest.Archive;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Holds;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.SystemObjects;
using DocIngest.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace DocIngest.Pipeline.Disposition;

/// <summary>Keeps the archive's own protection up to date: once a day, and when the register of holds has changed.</summary>
/// <param name="protection">A new run.</param>
/// <param name="objects">The archive's system objects.</param>
/// <param name="database">For the alarm.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Events 1063 and 1064.</param>
public sealed class ProtectionWatch(Func<RecordProtection> protection, SystemObjectStore objects, SqliteDatabase database, TimeProvider time, ILogger logger)
{
    private const string Subject = "archive";

    private static readonly TimeSpan Daily = TimeSpan.FromHours(24);
    private static readonly TimeSpan AgainSoon = TimeSpan.FromHours(1);
    private static readonly TimeSpan LookAtHolds = TimeSpan.FromMinutes(1);

    private readonly Alarms _alarms = new(database, time, logger);

    /// <summary>Goes on until stopped.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (true)
        {
            var holds = await HoldsAsync(stopping);
            bool isWell = await TryAsync(stopping);
            long ended = time.GetTimestamp();
            while (time.GetElapsedTime(ended) < (isWell ? Daily : AgainSoon) && await HoldsAsync(stopping) == holds)
            {
                await Task.Delay(LookAtHolds, time, stopping);
            }
        }
    }

    /// <summary>One run, now; the log and the alarm tell how it went.</summary>
    /// <inheritdoc cref="RecordProtection.RunAsync" path="/exception" />
    public async Task<ProtectionReport> RunOnceAsync(CancellationToken cancellation)
    {
        var report = await protection().RunAsync(cancellation);
        logger.ArchiveProtected(report.Objects, report.Renewed, report.RunningOut, report.Held, report.Released, report.Failed);
        await _alarms.SetAsync(AlarmKind.ArchiveUnprotected, Subject, report.Failed > 0, MessageOf(report.Problem), cancellation);
        return report;
    }

    // What cannot be read now is no reason to run, and stops none that is due.
    private Task<Sha512Digest?> HoldsAsync(CancellationToken stopping) => Task.Run(
        () =>
        {
            try
            {
                return objects.Find(HoldRegister.Name)?.InventoryDigest;
            }
            catch (Exception error) when (error is StorageException or ArchiveException)
            {
                return (Sha512Digest?)null;
            }
        },
        stopping);

    private async Task<bool> TryAsync(CancellationToken stopping)
    {
        try
        {
            return (await RunOnceAsync(stopping)).Failed == 0;
        }
#pragma warning disable CA1031 // The edge of a scheduled job (STYLE 5): the next run tries again, and intake is not disturbed.
        catch (Exception error) when (!(error is OperationCanceledException && stopping.IsCancellationRequested))
#pragma warning restore CA1031
        {
            string problem = error is StorageException or ArchiveException ? error.Message : error.GetType().Name;
            logger.ArchiveNotProtected(problem);
            await AlarmAsync(problem, stopping);
            return false;
        }
    }

    private async Task AlarmAsync(string problem, CancellationToken stopping)
    {
        try
        {
            await _alarms.RaiseAsync(AlarmKind.ArchiveUnprotected, Subject, MessageOf(problem), stopping, whereCatalogFails: true);
        }
        catch (SqliteException)
        {
            // The log has it; the next run raises it again.
        }
    }

    private static string MessageOf(string? problem) =>
        $"The store's own protection of the archive (archive.immutability) is not up to date: {problem} It is tried again; 'docingest archive protect' does it at once. Retention and holds of this program hold all the same.";
}
