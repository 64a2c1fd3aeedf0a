using System.Collections.Concurrent;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;
using DocIngest.Storage;

namespace DocIngest.Pipeline;

/// <summary>
/// What happens when the surroundings fail, in one place: the service tries for ever, since space and shares come back; a
/// command with an end tries a few times and then reports the file as failed.
/// </summary>
internal sealed class RetryPolicy
{
    private const int AttemptsOfCommand = 3;

    private readonly IngestEnvironment _environment;
    private readonly Alarms _alarms;
    private readonly ConcurrentDictionary<RecordId, int> _attempts = new();   // of scans that failed; only a command counts them

    public RetryPolicy(IngestEnvironment environment, Alarms alarms, bool isEndless)
    {
        _environment = environment;
        _alarms = alarms;
        IsEndless = isEndless;
    }

    public bool IsEndless { get; }

    public TimeSpan Delay => _environment.Options.RetryDelay;

    public bool MayTryAgain(ScanInHand scan) =>
        IsEndless || _attempts.AddOrUpdate(scan.Claim.Id, 1, static (_, count) => count + 1) < AttemptsOfCommand;

    public static AlarmKind KindOf(Exception error) => error switch
    {
        StorageFullException => AlarmKind.DiskReserve,
        ExtractionUnavailableException => AlarmKind.ExtractionDown,
        _ => AlarmKind.StorageFailing,
    };

    /// <summary>Waits until claiming <paramref name="bytes"/> leaves the reserve free; a command with an end does not wait.</summary>
    /// <exception cref="StorageFullException">Not enough space, and this is no service.</exception>
    public async Task DemandSpaceAsync(long bytes, CancellationToken stopping)
    {
        while (_environment.Data.FreeBytes() - bytes < _environment.Options.FreeSpaceReserveBytes)
        {
            const string message = "Free space is below the reserve. Nothing more is claimed until space is freed; scans wait in their drop folders.";
            if (!IsEndless)
            {
                throw new StorageFullException(message);
            }

            await _alarms.RaiseAsync(AlarmKind.DiskReserve, "data", message, stopping, whereCatalogFails: true);
            await Task.Delay(Delay, _environment.Time, stopping);
        }

        await _alarms.ResolveAsync(AlarmKind.DiskReserve, "data", stopping);
    }
}
