using DocIngest.Backup.Chunking;
using DocIngest.Backup.Encoding;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Snapshots;
using DocIngest.Backup.Sources;

namespace DocIngest.Backup.Backups;

/// <summary>Makes a snapshot of a source: what is new is stored, what is unchanged since the parent snapshot is only referred to.</summary>
/// <remarks>
/// Crash points: (1) packs, (2) the index files that name them, (3) the snapshot. Whatever was written before 3 is harmless, and the next
/// run uses it. What cannot be read is told and left out; a failing repository ends the run without a snapshot.
/// </remarks>
public sealed class BackupRun
{
    private readonly Repository _repository;
    private readonly IBackupSource _source;
    private readonly BackupOptions _options;
    private readonly TimeProvider _time;
    private readonly BackupTally _tally;

    private BackupRun(Repository repository, IBackupSource source, BackupOptions options, TimeProvider time, IProgress<WorkProgress>? progress)
    {
        _repository = repository;
        _source = source;
        _options = options;
        _time = time;
        _tally = new BackupTally(progress);
    }

    /// <summary>Backs up, under a lock that others may hold too.</summary>
    /// <param name="repository">Where to.</param>
    /// <param name="source">What.</param>
    /// <param name="options">How.</param>
    /// <param name="terms">How the lock is taken.</param>
    /// <param name="progress">Files, and bytes of them; called from several threads.</param>
    /// <param name="cancellation">Gives up: no snapshot is made. The next run uses what was stored.</param>
    /// <exception cref="SourceMissingException">Nothing of what was to be backed up is there. No snapshot was made.</exception>
    /// <exception cref="RepositoryLockedException">Somebody works there alone. Nothing was begun; a retry may help.</exception>
    /// <exception cref="LockLostException">The lock was lost. No snapshot was made.</exception>
    /// <exception cref="DamagedRepositoryException">An index file cannot be read. No snapshot was made.</exception>
    /// <exception cref="Storage.StorageException">The repository failed, or the source as a whole. No snapshot was made; a retry goes on with what was stored.</exception>
    public static Task<BackupResult> RunAsync(
        Repository repository, IBackupSource source, BackupOptions options, LockTerms terms, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        terms.HoldAsync(
            repository,
            isExclusive: false,
            (held, stop) => new BackupRun(repository, source, options, terms.Time, progress).RunAsync(held, stop),   // each attempt counts for itself
            cancellation);

    private async Task<BackupResult> RunAsync(RepositoryLock held, CancellationToken cancellation)
    {
        var start = Now();
        var earlier = await FindEarlierAsync(start, cancellation);   // before the index: what they refer to must be in there
        var stock = new StockTaking(_repository);
        var forgotten = await stock.RunAsync(cancellation);
        if (stock.LostPacks.Count > 0)
            _tally.ReportDamage($"{stock.LostPacks.Count} packs that the index names are gone or have another size. What the source still has of them was stored again.");

        await using var blobs = new BlobWriter(_repository, stock.Index, _options.Compression, _time, held.Confirmed, cancellation);
        foreach (var pack in forgotten)
            await blobs.AdoptAsync(pack.Id, pack.Blobs, cancellation);
        var parent = earlier.Parent;
        var tree = await SaveTreeAsync(stock, blobs, parent?.Snapshot, cancellation);
        if (IsNothingThere())
        {
            throw new SourceMissingException("Nothing of what was to be backed up is there. No snapshot was made.")
            {
                WasThereBefore = parent is not null,
            };
        }

        await held.Confirmed;   // what was found so far may count now
        await blobs.FlushAsync(cancellation);   // 1 and 2

        var summary = _tally.ToSummary(start, Now(), blobs.Stored);
        var alarms = await AlarmsAsync(stock, earlier, tree, summary, cancellation);
        FileId? snapshot = null;
        await held.DemandHeldAsync(cancellation);   // else somebody may have pruned what the new trees rely on
        if (!_options.SkipsUnchanged || tree != parent?.Snapshot.Tree)
            snapshot = await _repository.SaveSnapshotAsync(Describe(start, tree, parent?.Id, summary), cancellation);   // 3
        return new BackupResult(snapshot, parent?.Id, summary, _tally.Problems, alarms, forgotten.Count);
    }

    private async Task<BlobId> SaveTreeAsync(StockTaking stock, BlobWriter blobs, Snapshot? parent, CancellationToken cancellation)
    {
        using var work = new WorkGroup(cancellation);
        using var files = new FileSaver(new Chunker(_repository.Config.ChunkerPolynomial), blobs, work, _tally);
        using var folders = new FolderSaver(_repository, stock.Index, blobs, files, work, _tally, _options.ReadsAll);
        using var root = await _source.OpenAsync(cancellation);
        return await work.RunAsync(() => folders.SaveAsync(root, parent?.Tree, _source.Top));
    }

    private async Task<EarlierSnapshots> FindEarlierAsync(ZonedTime start, CancellationToken cancellation)
    {
        var snapshots = new List<(FileId Id, Snapshot Snapshot)>();
        await foreach (var listed in _repository.ListSnapshotsAsync(cancellation))
        {
            if (listed.Fault is { } fault)
                _tally.ReportDamage(fault.Message);
            if (listed.Snapshot is { } snapshot)
                snapshots.Add((listed.Id, snapshot));
        }

        return EarlierSnapshots.Among(snapshots, _options.HostName, _source.Paths, start.Instant, OwnSeries.Of(_options.Tags));
    }

    private Snapshot Describe(ZonedTime start, BlobId tree, FileId? parent, SnapshotSummary summary) => new()
    {
        Time = start,
        Parent = parent,
        Tree = tree,
        Paths = _source.Paths,
        HostName = _options.HostName,
        UserName = _options.UserName,
        UserId = _options.UserId,
        GroupId = _options.GroupId,
        Excludes = _options.Excludes,
        Tags = _options.Tags,
        ProgramVersion = _options.ProgramVersion,
        Summary = summary,
    };

    private bool IsNothingThere() => _tally.Reached.Count == 0 && _tally.Problems.Any(problem => problem.Kind is SourceProblemKind.Missing);

    private async Task<IReadOnlyList<BackupAlarm>> AlarmsAsync(
        StockTaking stock, EarlierSnapshots earlier, BlobId tree, SnapshotSummary summary, CancellationToken cancellation)
    {
        var alarms = _source.Paths.Except(_tally.Reached.Select(reached => reached.Source))
            .Select(path => new BackupAlarm(BackupAlarmKind.SourceMissing, path, "It is not there, or cannot be reached.")).ToList();
        var trees = new StoredTrees(_repository, stock.Index);
        foreach (var reached in _tally.Reached.OrderBy(reached => reached.Source, StringComparer.Ordinal))
        {
            if (await AlarmAsync(reached, trees, earlier, tree, cancellation) is { } alarm)
                alarms.Add(alarm);
        }

        if (AlarmOnAll(earlier, new FileCount(summary.FilesProcessed, summary.BytesProcessed), alarms) is { } onAll)
            alarms.Add(onAll);
        return [.. _tally.Damage.Select(damage => new BackupAlarm(BackupAlarmKind.RepositoryDamaged, null, damage)), .. alarms];
    }

    private async Task<BackupAlarm?> AlarmAsync(
        AskedFor reached, StoredTrees trees, EarlierSnapshots earlier, BlobId tree, CancellationToken cancellation)
    {
        if (reached.Held.Files == 0)
        {
            return await earlier.HadFilesAsync(trees, reached.Path, cancellation)
                ? new BackupAlarm(BackupAlarmKind.SourceEmpty, reached.Source, "It holds no file any more.") : null;
        }

        // Where there is one path only, snapshots say how much they had of it.
        return _source.Paths.Count > 1
            && await earlier.HadTooMuchAsync(trees, reached.Path, reached.Held, tree, before => Shrank(before, reached.Held), cancellation) is { } had
            ? new BackupAlarm(BackupAlarmKind.SourceShrank, reached.Source, $"{reached.Held} are left, where a snapshot before had {had} or more.") : null;
    }

    /// <summary>On all paths together: where what is wrong shows in none of them.</summary>
    private BackupAlarm? AlarmOnAll(EarlierSnapshots earlier, FileCount now, List<BackupAlarm> alarms)
    {
        if (now.Files == 0)
        {
            return alarms.Exists(alarm => alarm.Kind is BackupAlarmKind.SourceEmpty)
                ? null : new BackupAlarm(BackupAlarmKind.SourceEmpty, null, "There is no file at all in what was to be backed up.");
        }

        var most = new FileCount(earlier.MostFiles ?? 0, earlier.MostBytes ?? 0);
        return alarms.Count == 0 && Shrank(most, now)
            ? new BackupAlarm(
                BackupAlarmKind.SourceShrank, _source.Paths is [var only] ? only : null, $"{now} are left, where snapshots before had {most.Files} files and {most.Bytes} bytes.")
            : null;
    }

    private bool Shrank(FileCount before, FileCount now) => Shrank(before.Files, now.Files) || Shrank(before.Bytes, now.Bytes);

    private bool Shrank(ulong before, ulong now) => (Int128)now * 100 < (Int128)before * (100 - _options.MostShrinkPercent);

    /// <summary>With the offset of this machine's zone: hours and days of the forget policy are those of the people here.</summary>
    private ZonedTime Now()
    {
        var now = _time.GetLocalNow();
        return new ZonedTime(UnixTime.From(now), (int)now.Offset.TotalMinutes);
    }
}
