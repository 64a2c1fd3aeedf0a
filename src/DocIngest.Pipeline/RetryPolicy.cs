using System.Collections.Concurrent;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Intake;
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
    private const string SpaceSubject = "data";
    private const string NoSpace = "Free space is below the reserve. Nothing more is claimed until space is freed; scans wait in their drop folders.";

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

    /// <summary>Whether a step that is no scan's own is tried again after this many attempts.</summary>
    public bool MayTryAgain(int attempts) => IsEndless || attempts < AttemptsOfCommand;

    public static AlarmKind KindOf(Exception error) => error switch
    {
        StorageFullException => AlarmKind.DiskReserve,
        SourceUnreadableException => AlarmKind.Unreadable,
        ExtractionUnavailableException => AlarmKind.ExtractionDown,
        _ => AlarmKind.StorageFailing,
    };

    /// <summary>Says how many of the first files can be claimed with the reserve left free; waits until one can. A command with an end does not wait.</summary>
    /// <returns>At least 1.</returns>
    /// <exception cref="StorageFullException">Not enough space for the first, and this is no service.</exception>
    public async Task<int> DemandSpaceAsync(IEnumerable<long> sizesBytes, CancellationToken stopping)
    {
        int count;
        while ((count = CountThatFit(sizesBytes)) == 0)
        {
            await _alarms.RaiseAsync(AlarmKind.DiskReserve, SpaceSubject, NoSpace, stopping, whereCatalogFails: true);
            if (!IsEndless)
            {
                throw new StorageFullException(NoSpace);
            }

            await Task.Delay(Delay, _environment.Time, stopping);
        }

        await _alarms.ResolveAsync(AlarmKind.DiskReserve, SpaceSubject, stopping);
        return count;
    }

    /// <summary>Notes that scans of a profile were taken in: what had failed works again.</summary>
    public async Task NoteSuccessAsync(string profile, CancellationToken stopping)
    {
        foreach (var kind in new[] { AlarmKind.DiskReserve, AlarmKind.StorageFailing, AlarmKind.ExtractionDown })
        {
            await _alarms.ResolveAsync(kind, profile, stopping);
        }
    }

    private int CountThatFit(IEnumerable<long> sizesBytes)
    {
        long free = _environment.Data.FreeBytes() - _environment.Options.FreeSpaceReserveBytes;
        int count = 0;
        foreach (long size in sizesBytes)
        {
            if ((free -= size) < 0)
            {
                break;
            }

            count++;
        }

        return count;
    }
}
