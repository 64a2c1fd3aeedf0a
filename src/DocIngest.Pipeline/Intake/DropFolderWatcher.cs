using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Receipts;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;
using DocIngest.Storage;
using Microsoft.Extensions.Logging;

namespace DocIngest.Pipeline.Intake;

/// <summary>
/// Looks through one drop folder again and again and hands on what has settled. Looking is the truth; change events only
/// shorten the wait for the next look (DESIGN 4).
/// </summary>
internal sealed class DropFolderWatcher(
    DropFolder folder, SqliteDatabase database, string instance, SourceDisposal disposal, Alarms alarms, Func<string, bool> isElsewhere, Func<Stream, TailVerdict> judgeTail,
    TimeProvider time, ILogger logger)
{
    // Retrying a removal that the system refuses costs a rename each; nobody waits for it.
    private static readonly TimeSpan StuckRetryInterval = TimeSpan.FromMinutes(1);

    private readonly SettleRule _rule = new(folder.Profile, judgeTail, time);

    // Only the watching loop touches these.
    private Dictionary<string, Sighting> _sightings = [];
    private Dictionary<string, long> _orphans = [];   // sidecars without scan, and since when
    private TimeSpan _lastLookTook;
    private long _nextStuckRetry;

    /// <summary>Files seen that wait to settle.</summary>
    public int WaitingCount { get; private set; }

    /// <summary>Looks until stopped. A folder that cannot be read is alarmed and looked at again.</summary>
    public async Task RunAsync(ISettledScans settled, CancellationToken stopping)
    {
        LoadSourcesLeft();
        using var events = ChangeEvents.Start(folder, time, logger);
        while (!stopping.IsCancellationRequested)
        {
            await LookOnceAsync(settled, stopping);
            await events.WaitAsync(NextLookIn(), _lastLookTook, stopping);
        }
    }

    /// <summary>One look: judges every file, ends removals that did not end, and removes what is due.</summary>
    public async Task LookOnceAsync(ISettledScans settled, CancellationToken stopping)
    {
        long started = time.GetTimestamp();
        var ready = await LookAsync(stopping);
        _lastLookTook = time.GetElapsedTime(started);   // without the wait for the pipeline below
        folder.NoteLook(time.GetTimestamp());
        foreach (var scan in ready)
        {
            if (folder.TryTakeInHand(scan.RelativePath))
            {
                _sightings.Remove(scan.RelativePath);
                await settled.AddAsync(scan, stopping);
            }
        }

        folder.NoteHandedOn(time.GetTimestamp());
    }

    private async Task<IReadOnlyList<SettledScan>> LookAsync(CancellationToken stopping)
    {
        try
        {
            FolderPresence.Demand(folder);
            var look = DropFolderScan.Look(folder, isElsewhere);
            var ready = await JudgeAsync(look, stopping);
            await FinishRemovalsAsync(look, stopping);
            await AlarmOddEntriesAsync(look, stopping);
            await alarms.ResolveAsync(AlarmKind.FolderMissing, folder.Profile.Name, stopping);
            return ready;
        }
        catch (StorageException error)
        {
            if (await alarms.RaiseAsync(
                AlarmKind.FolderMissing, folder.Profile.Name,
                "The drop folder cannot be read: is the share mounted, the path right, the permission given? Scans in it wait.", stopping,
                whereCatalogFails: true))
            {
                logger.DropFolderUnreadable(folder.Profile.Name, error.Message);
            }
        }
        catch (Exception error) when (EnvironmentFailure.Is(error))
        {
            logger.HouseKeepingDeferred(error.GetType().Name);   // the ledger does not answer: the next look asks again
        }

        return [];
    }

    private void LoadSourcesLeft()
    {
        using var connection = database.OpenReader();
        foreach (var scan in ScanTable.SourcesLeft(connection, folder.Profile.Name))
        {
            if (scan.Claim.SourcePath.StartsWith(folder.AbsolutePath + "/", StringComparison.Ordinal))
            {
                folder.NoteLeft(scan);
            }
        }
    }

    private async Task<List<SettledScan>> JudgeAsync(DropFolderScan look, CancellationToken stopping)
    {
        long now = time.GetTimestamp();
        var seen = new Dictionary<string, Sighting>(look.Candidates.Count);
        var ready = new List<SettledScan>();
        bool growing = false;
        bool unreadable = look.IsPartial;
        Exception? error = null;
        foreach (var (path, stamp) in look.Candidates)
        {
            if (folder.IsInHand(path) || folder.FindLeft(path, stamp) is not null)
            {
                continue;
            }

            if (folder.IsOdd(path, stamp))
            {
                unreadable = true;
                continue;
            }

            if (folder.IsToRest(path, now))
            {
                continue;
            }

            var sidecar = look.FindSidecar(path);
            if (!_sightings.TryGetValue(path, out var sighting))
            {
                logger.ScanSeen(folder.Profile.Name, stamp.SizeBytes);
                sighting = new Sighting(stamp, sidecar, now, now, 0);
            }
            else
            {
                sighting = sighting.Again(stamp, sidecar, now);
            }

            seen[path] = sighting;
            switch (JudgeIfPossible(path, sighting, ref error, stopping))
            {
                case SettleVerdict.Settled:
                    ready.Add(new SettledScan(folder, path, stamp, RemovesSource: true));
                    break;
                case SettleVerdict.StillGrowing:
                    growing = true;
                    break;
                case SettleVerdict.Wait:
                    break;
                case null:
                    unreadable = true;
                    break;
            }
        }

        var there = new Lazy<HashSet<string>>(() => [.. look.Candidates.Select(candidate => candidate.Path)]);   // mostly not needed
        folder.ForgetUnreadable(path => !there.Value.Contains(path));
        unreadable |= folder.HasUnreadable;   // also one that is in hand, being tried again
        _sightings = seen;
        WaitingCount = seen.Count;
        await AlarmGrowingAsync(growing, stopping);
        await AlarmUnreadableAsync(unreadable, error, stopping);
        ready.Sort(static (a, b) => a.Stamp.WriteTimeNanoseconds != b.Stamp.WriteTimeNanoseconds
            ? a.Stamp.WriteTimeNanoseconds.CompareTo(b.Stamp.WriteTimeNanoseconds)
            : string.CompareOrdinal(a.RelativePath, b.RelativePath));
        return ready;
    }

    // Null where this one file cannot be read, with the reason: the others must not wait for it.
    private SettleVerdict? JudgeIfPossible(string path, Sighting sighting, ref Exception? why, CancellationToken stopping)
    {
        try
        {
            return _rule.Judge(folder, path, sighting);
        }
        catch (Exception error) when (error is EntryNotFoundException or RefusedEntryException)
        {
            return SettleVerdict.Wait;   // went away or was replaced since the listing; the next look tells
        }
        catch (Exception error) when (error is StorageException || OddFile.Caused(error, stopping))
        {
            why = error;
            return null;
        }
    }

    private async Task FinishRemovalsAsync(DropFolderScan look, CancellationToken stopping)
    {
        foreach (var (path, scanId) in look.Aside)
        {
            await FinishAsideIfPossibleAsync(path, scanId, stopping);
        }

        bool retryStuck = time.GetTimestamp() >= _nextStuckRetry;
        if (retryStuck)
        {
            LoadSourcesLeft();   // what other processes and the backup have noted since
            _nextStuckRetry = time.GetTimestamp() + (long)(StuckRetryInterval.TotalSeconds * time.TimestampFrequency);
        }

        var now = time.GetUtcNow();
        foreach (var scan in folder.SourcesLeft.Where(scan => IsDue(scan, now, retryStuck)).ToList())
        {
            if (!await RemoveLeftAsync(scan, stopping))
            {
                break;   // the folder refuses: the others would only repeat it
            }
        }
    }

    private async Task FinishAsideIfPossibleAsync(string path, RecordId scanId, CancellationToken stopping)
    {
        try
        {
            await disposal.FinishAsideAsync(folder, path, scanId, stopping);
        }
        catch (Exception error) when (OddFile.Caused(error, stopping))
        {
            await AlarmStuckAsync(error, stopping);   // it stands aside still; the next look tries again
        }
    }

    private bool IsDue(ScanRow scan, DateTimeOffset now, bool retryStuck) => scan.SourceState switch
    {
        _ when scan.Outcome is not { } outcome || !outcome.IsTakenIn() => false,   // failed: left where it is, until it changes
        SourceState.Kept => scan.KeepUntil is { } until && until <= now,
        SourceState.Stuck => retryStuck,
        SourceState.Present when IsToBeKept(scan) => false,   // nobody has disposed of it yet: a start that goes on with it is about to
        SourceState.Present => retryStuck && scan.Owner == instance,   // else the process that filed it deals with it, by its profile's rules
        _ => false,
    };

    private bool IsToBeKept(ScanRow scan) =>
        scan.Outcome != ScanOutcome.Quarantined && KeepSourceRule.DurationOf(folder.Profile.KeepSource) != TimeSpan.Zero;

    private async Task<bool> RemoveLeftAsync(ScanRow scan, CancellationToken stopping)
    {
        try
        {
            var state = SourceRemover.Remove(folder, scan.Claim);
            await disposal.NoteAsync(folder, scan, state, stopping);
            if (state == SourceState.Removed)
            {
                await alarms.ResolveAsync(AlarmKind.SourceStuck, folder.Profile.Name, stopping);
            }

            return true;
        }
        catch (StorageException error)
        {
            logger.SourceStuck(folder.Profile.Name, error.GetType().Name);   // at most once a minute; the alarm stands already
            return false;
        }
        catch (Exception error) when (OddFile.Caused(error, stopping))
        {
            await AlarmStuckAsync(error, stopping);
            return true;
        }
    }

    private async Task AlarmStuckAsync(Exception error, CancellationToken stopping)
    {
        if (await alarms.RaiseAsync(
            AlarmKind.SourceStuck, folder.Profile.Name,
            "The file of a filed scan cannot be removed from the drop folder; the log says why. It is not filed again.", stopping))
        {
            logger.SourceStuck(folder.Profile.Name, error.GetType().Name);   // its message may name the file
        }
    }

    private async Task AlarmGrowingAsync(bool growing, CancellationToken stopping)
    {
        if (growing)
        {
            await alarms.RaiseAsync(
                AlarmKind.StillGrowing, folder.Profile.Name,
                "A file in the drop folder keeps changing, stays open in the scanner's program, looks half written or waits for its companion file. It is left alone until it is whole.",
                stopping);
        }
        else
        {
            await alarms.ResolveAsync(AlarmKind.StillGrowing, folder.Profile.Name, stopping);
        }
    }

    private async Task AlarmUnreadableAsync(bool unreadable, Exception? error, CancellationToken stopping)
    {
        if (!unreadable)
        {
            await alarms.ResolveAsync(AlarmKind.Unreadable, folder.Profile.Name, stopping);
        }
        else if (await alarms.RaiseAsync(
            AlarmKind.Unreadable, folder.Profile.Name,
            "Some files or subfolders of the drop folder cannot be read: give the service permission, and nest folders no deeper than 32. All others are taken in.",
            stopping) && error is not null)
        {
            logger.FileUnreadable(folder.Profile.Name, error.GetType().Name);
        }
    }

    private async Task AlarmOddEntriesAsync(DropFolderScan look, CancellationToken stopping)
    {
        await alarms.SetAsync(
            AlarmKind.RefusedEntry, folder.Profile.Name, look.Refused.Count > 0,
            "The drop folder holds links, pipes or devices. They are never followed or read: remove them.", stopping);

        await alarms.SetAsync(
            AlarmKind.OrphanSidecar, folder.Profile.Name, IsOrphanForLong(look),
            "A sidecar lies in the drop folder without its scan.", stopping);
    }

    // Scanners may write the sidecar first, and we remove it last: only one that stays alone is worth a call.
    private bool IsOrphanForLong(DropFolderScan look)
    {
        if (folder.Profile.Sidecar == SidecarMode.None || look.Companions.Count == 0)
        {
            _orphans.Clear();
            return false;
        }

        var scans = look.Candidates.Select(candidate => DropFolder.SidecarPath(candidate.Path)).ToHashSet(StringComparer.Ordinal);
        long now = time.GetTimestamp();
        _orphans = look.Companions.Keys
            .Where(path => path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) && !scans.Contains(path))
            .ToDictionary(path => path, path => _orphans.GetValueOrDefault(path, now), StringComparer.Ordinal);
        return _orphans.Values.Any(since => time.GetElapsedTime(since) >= folder.Profile.IncompleteAfter);
    }

    private TimeSpan NextLookIn()
    {
        var next = folder.Profile.PollInterval;
        foreach (var sighting in _sightings.Values)
        {
            var due = _rule.DueIn(sighting);
            if (due < next)
            {
                next = due;
            }
        }

        return next;
    }
}
