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

    // A file that does not fit is offered again after each settle time; its alarm should not come and go while others are claimed.
    private static readonly TimeSpan SpaceAlarmStands = TimeSpan.FromMinutes(1);

    private const string NoSpace =
        "Free space is below the reserve, or would be with a file that waits. It is not claimed until space is freed; scans wait in their drop folders.";

    private static readonly TimeSpan UnreadableRest = TimeSpan.FromMinutes(1);

    private readonly IngestEnvironment _environment;
    private readonly Alarms _alarms;
    private readonly ConcurrentDictionary<RecordId, int> _attempts = new();   // of scans that failed; only a command counts them

    // Lanes of the claim stage meet here.
    private readonly Lock _gate = new();
    private (long SizeBytes, long At)? _tooBig;   // the smallest file that did not fit last; under _gate
    private long _promisedBytes;                  // of files let in that have no private copy yet; under _gate

    public RetryPolicy(IngestEnvironment environment, Alarms alarms, bool isEndless)
    {
        _environment = environment;
        _alarms = alarms;
        IsEndless = isEndless;
    }

    public bool IsEndless { get; }

    /// <summary>Puts a file that could not be read out of the watcher's way for a while: each try costs a ledger row.</summary>
    public void NoteUnreadable(DropFolder folder, string relativePath) => folder.NoteUnreadable(
        relativePath, _environment.Time.GetTimestamp() + (long)(UnreadableRest.TotalSeconds * _environment.Time.TimestampFrequency));

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

    /// <summary>
    /// Says which files can be claimed, one after another, with the reserve left free; the others must be left for later. Raises and ends
    /// the alarm. The space of the files let in is theirs until <see cref="GiveBackSpace"/>.
    /// </summary>
    public async Task<IReadOnlyList<SettledScan>> WithinReserveAsync(IReadOnlyList<SettledScan> files, CancellationToken stopping)
    {
        var fitting = new List<SettledScan>(files.Count);
        bool isShort;
        lock (_gate)
        {
            long free = _environment.Data.FreeBytes() - _environment.Options.FreeSpaceReserveBytes - _promisedBytes;
            foreach (var file in files)
            {
                if (free >= file.Stamp.SizeBytes)
                {
                    free -= file.Stamp.SizeBytes;
                    fitting.Add(file);
                }
            }

            _promisedBytes += SizeOf(fitting);
            isShort = IsShort(free, [.. files.Except(fitting)]);
        }

        try
        {
            await _alarms.SetAsync(AlarmKind.DiskReserve, SpaceSubject, isShort, NoSpace, stopping, whereCatalogFails: true);
            return fitting;
        }
        catch
        {
            GiveBackSpace(fitting);   // the caller claims none of them
            throw;
        }
    }

    /// <summary>Files let in have their private copies, or have none and come again: what they take now is no longer free, or not taken.</summary>
    public void GiveBackSpace(IReadOnlyList<SettledScan> fitting)
    {
        lock (_gate)
        {
            _promisedBytes -= SizeOf(fitting);
        }
    }

    private static long SizeOf(IReadOnlyList<SettledScan> files) => files.Sum(file => file.Stamp.SizeBytes);

    // Under _gate. Also for a while after a file did not fit.
    private bool IsShort(long free, IReadOnlyList<SettledScan> left)
    {
        if (left.Count > 0)
        {
            _tooBig = (left.Min(file => file.Stamp.SizeBytes), _environment.Time.GetTimestamp());
        }
        else if (_tooBig is { } file && (free >= file.SizeBytes || _environment.Time.GetElapsedTime(file.At) >= SpaceAlarmStands))
        {
            _tooBig = null;
        }

        return _tooBig is not null;
    }

    /// <summary>What a file that was left for want of space is told.</summary>
    public static BelowReserveException NoSpaceLeft() => new();

    /// <summary>Notes that scans of a profile were taken in: what had failed works again.</summary>
    public async Task NoteSuccessAsync(string profile, CancellationToken stopping)
    {
        foreach (var kind in new[] { AlarmKind.DiskReserve, AlarmKind.StorageFailing, AlarmKind.ExtractionDown })
        {
            await _alarms.ResolveAsync(kind, profile, stopping);
        }
    }
}

/// <summary>The disk has room, but not above the reserve: the file was not claimed. Retry after space was freed.</summary>
internal sealed class BelowReserveException() : StorageException(
    "Free space is below the reserve (freeSpaceReserveBytes), or would be with this file. It was left where it is: free space on the disk of the data folder.")
{
    /// <inheritdoc />
    public override bool MayRetry => true;
}
