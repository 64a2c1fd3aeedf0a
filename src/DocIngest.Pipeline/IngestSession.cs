using DocIngest.Archive;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Disposition;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Formats;
using DocIngest.Pipeline.Intake;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Receipts;
using DocIngest.Pipeline.Recognition;
using DocIngest.Pipeline.Revisions;
using DocIngest.Pipeline.Scans;

namespace DocIngest.Pipeline;

/// <summary>
/// One process' work on a data folder: takes up what dead processes left, then either watches the drop folders
/// (<see cref="WatchAsync"/>) or takes in named files (<see cref="TakeInAsync"/>). Several sessions may work on one data folder at once.
/// </summary>
public sealed class IngestSession
{
    private static readonly TimeSpan TakeUpInterval = TimeSpan.FromSeconds(15);

    private readonly IngestEnvironment _environment;
    private readonly Alarms _alarms;
    private readonly IntakeFolders _folders;
    private readonly SourceDisposal _disposal;
    private readonly HouseKeeping _house;

    /// <summary>Prepares a session; touches nothing yet.</summary>
    public IngestSession(IngestEnvironment environment)
    {
        _environment = environment;
        _alarms = new Alarms(environment.Database, environment.Time, environment.Logger);
        _folders = new IntakeFolders(environment.Options, environment.DataPath, environment.OpenFolder);
        var feedback = FeedbackFolder.AllOf(environment, _alarms);
        _disposal = new SourceDisposal(environment, _alarms, feedback);
        _house = new HouseKeeping(environment, _alarms, _folders, feedback);
    }

    /// <summary>Watches all drop folders until stopped. Claims still open then stay in the ledger, and are taken up at the next start.</summary>
    public async Task WatchAsync(CancellationToken stopping)
    {
        CreateOwnDropFolders();
        var pipeline = new IngestPipeline(_environment, new RetryPolicy(_environment, _alarms, isEndless: true), _disposal, _alarms, static _ => { });
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var token = linked.Token;
        var leftOver = await TakeUpAsync(isStart: true, token);
        ClosedStaging.Sweep(_environment);
        var settled = new SettledToPipeline(pipeline);
        Task[] tasks =
        [
            pipeline.RunAsync(token),
            AddAsync(pipeline, leftOver, token),
            .. _folders.Drop.Select(folder => Task.Run(() => Watcher(folder).RunAsync(settled, token), token)),   // a share that hangs holds up itself alone
            TakeUpNowAndThenAsync(pipeline, token),
            SweepRebuildAsync(token),
            new LaterReading(_environment).RunInBackgroundAsync(token),
            _house.RunAsync(token),
        ];
        await EndTogether.RunAsync(tasks, linked);
    }

    private DropFolderWatcher Watcher(DropFolder folder) => new(
        folder, _environment.Database, _environment.Instances.Name, _disposal, _alarms, _folders.IsElsewhereOrAnothers, JudgeTail, _environment.Time, _environment.Logger);

    /// <summary>Takes in files and folders and returns when each has its outcome.</summary>
    /// <param name="paths">Absolute paths of existing files or folders; folders with all they hold.</param>
    /// <param name="profileName">Whose rules apply.</param>
    /// <param name="removesSource">Whether filed files are removed from their place.</param>
    /// <param name="report">Called once for each file, from any thread, one call at a time.</param>
    /// <param name="cancellation">Ends the run; open claims are taken up by the next session.</param>
    /// <exception cref="ArgumentException">No profile of that name.</exception>
    public async Task TakeInAsync(
        IEnumerable<string> paths, string profileName, bool removesSource, Action<ScanReport> report, CancellationToken cancellation)
    {
        var profile = _environment.Options.Profiles.FirstOrDefault(profile => profile.Name == profileName)
            ?? throw new ArgumentException($"There is no profile \"{profileName}\".", nameof(profileName));
        var gate = new Lock();
        void Report(ScanReport line)
        {
            lock (gate)
            {
                report(line);
            }
        }

        var pipeline = new IngestPipeline(_environment, new RetryPolicy(_environment, _alarms, isEndless: false), _disposal, _alarms, Report);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var leftOver = await TakeUpAsync(isStart: true, linked.Token);
        await TryAsync(() => DisposeAsync(leftOver.Closed, linked.Token));
        ClosedStaging.Sweep(_environment);
        var feeding = FeedAsync(pipeline, leftOver.Open, new NamedFiles(_environment, _disposal, profile, removesSource, _folders.IsElsewhere), paths, Report, linked.Token);
        await EndTogether.RunAsync([pipeline.RunAsync(linked.Token), feeding], linked);
        await _house.EndRunAsync(cancellation);
    }

    /// <summary>Takes a quarantined file in again by decision of the person who runs this process.</summary>
    /// <param name="scanId">The quarantined scan.</param>
    /// <param name="accept">Whether it is archived even though it is no known kind of document.</param>
    /// <param name="report">Called with its new outcome.</param>
    /// <param name="cancellation">Leaves the claim open; the next session puts it back to quarantine or ends it.</param>
    /// <returns>False where it does not wait in quarantine: another person may have decided meanwhile. Nothing changed then.</returns>
    public async Task<bool> ResumeQuarantinedAsync(Records.RecordId scanId, bool accept, Action<ScanReport> report, CancellationToken cancellation)
    {
        if (await ReopenAsync(scanId, accept, cancellation) is not { } claim)
        {
            return false;
        }

        var scan = InHand(claim);
        scan.IsAccepted = accept;
        await new Quarantine(_environment).BringBackAsync(scan, cancellation);
        var pipeline = new IngestPipeline(_environment, new RetryPolicy(_environment, _alarms, isEndless: false), _disposal, _alarms, report);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await EndTogether.RunAsync([pipeline.RunAsync(linked.Token), FeedOneAsync(pipeline, scan, linked.Token)], linked);
        await new Quarantine(_environment).RemoveEmptiedAsync(scan, cancellation);
        return true;
    }

    private Task<Claim?> ReopenAsync(Records.RecordId scanId, bool accept, CancellationToken cancellation) => _environment.Database.WriteAsync(
        (connection, transaction) =>
        {
            var now = _environment.Time.GetUtcNow();
            string decision = accept ? "accepted" : "retried";
            if (!QuarantineTable.Decide(transaction, scanId, decision, _environment.Actor.Name, null, now))
            {
                return null;
            }

            _environment.Audit.Note(transaction, _environment.Audit.Origin.Event(
                AuditType.Quarantine, decision, AuditAction.Update, new AuditEntity(AuditEntity.Scan, scanId.ToString())));

            return ScanTable.Reopen(transaction, scanId, _environment.Instances.Name)
                ? ScanTable.Find(connection, scanId)?.Claim
                : throw new InvalidOperationException("What waits in quarantine is not closed as quarantined.");   // rolls the decision back
        },
        cancellation);

    private static async Task FeedOneAsync(IngestPipeline pipeline, ScanInHand scan, CancellationToken cancellation)
    {
        await pipeline.AddOpenAsync(scan, cancellation);
        pipeline.CompleteInput();
    }

    private static async Task FeedAsync(
        IngestPipeline pipeline, IReadOnlyList<ScanInHand> leftOver, NamedFiles files, IEnumerable<string> paths, Action<ScanReport> report,
        CancellationToken cancellation)
    {
        var takenUp = leftOver.DistinctBy(scan => scan.Claim.SourcePath).ToDictionary(scan => scan.Claim.SourcePath, scan => scan.Claim);
        await AddAsync(pipeline, leftOver, cancellation);
        await foreach (var scan in files.FindAsync(paths, report, cancellation))
        {
            if (!takenUp.TryGetValue(scan.Folder.Absolute(scan.RelativePath), out var claim) || !Covers(claim, scan))
            {
                await pipeline.AddAsync(scan, cancellation);
            }
        }

        pipeline.CompleteInput();
    }

    // The open claim has the file's one outcome; claiming it again would only find it gone.
    private static bool Covers(Claim claim, SettledScan scan) =>
        claim.Stamp == scan.Stamp && claim.Profile == scan.Folder.Profile.Name && (claim.RemovesSource || !scan.RemovesSource);

    private static async Task AddAsync(IngestPipeline pipeline, LeftOver leftOver, CancellationToken cancellation)
    {
        await AddAsync(pipeline, leftOver.Open, cancellation);
        foreach (var closed in leftOver.Closed.Chunk(IngestOptions.GroupSize))
        {
            await pipeline.AddClosedAsync(closed, cancellation);
        }
    }

    private static async Task AddAsync(IngestPipeline pipeline, IReadOnlyList<ScanInHand> open, CancellationToken cancellation)
    {
        foreach (var scan in open)
        {
            await pipeline.AddOpenAsync(scan, cancellation);
        }
    }

    private void CreateOwnDropFolders()
    {
        foreach (var folder in _folders.Drop.Where(_folders.IsOwn))
        {
            _environment.Data.CreateFolder(_folders.WithinData(folder));
        }
    }

    // What recognition cannot name has no end to look for; it is quarantined once it has settled.
    private static TailVerdict JudgeTail(Stream content) =>
        Recognizer.Recognize(content) is { } format ? StructuralTail.Judge(content, format) : TailVerdict.NotJudged;

    // What processes that are no more had not ended becomes ours, the files in hand before any watcher looks.
    private async Task<LeftOver> TakeUpAsync(bool isStart, CancellationToken cancellation)
    {
        IReadOnlyList<string> owners;
        using (var connection = _environment.Database.OpenReader())
        {
            owners = [.. ScanTable.Owners(connection).Union(RevisionTable.Owners(connection))];
        }

        // What a process gave up is tried anew at a start, not every few seconds.
        var taken = new List<ScanRow>();
        int dead = 0;
        foreach (string owner in owners.Where(owner => isStart || owner != ScanTable.GivenUp))
        {
            // Read under the lock, with the change: the dead one may have gone on after we had read who owns what.
            dead += await TryAsync(() => _environment.Instances.TryTakeUpAsync(owner, async () =>
            {
                taken.AddRange(await _environment.Database.WriteAsync(
                    (_, transaction) => ScanTable.Adopt(transaction, owner, _environment.Instances.Name), cancellation));
                await new RecordReviser(_environment).TakeUpAsync(owner);
            })) ? 1 : 0;
        }

        if (taken.Count > 0)
        {
            _environment.Logger.RecoveryBegins(taken.Count, dead);
        }

        taken.Sort(static (a, b) => a.Claim.Sequence.CompareTo(b.Claim.Sequence));
        await TryAsync(async () =>
        {
            _environment.Instances.Sweep(owners.ToHashSet());
            await _disposal.DisposeAsync([], cancellation);   // writes receipts that they left unwritten
            return true;
        });
        if (isStart)
        {
            await TryAsync(() => RecoverSystemObjectsAsync(cancellation));
            await TryAsync(() => UnfinishedDestructions.FinishAsync(_environment, cancellation));
            await TryAsync(() => ReplayLedgerAsync(cancellation));
        }

        return new LeftOver(
            [.. taken.Where(scan => scan.Outcome is null).Select(scan => InHand(scan.Claim))],
            [.. taken.Where(scan => scan.Outcome is not null).Select(Filed)]);
    }

    private async Task<bool> RecoverSystemObjectsAsync(CancellationToken cancellation)
    {
        foreach (var damage in await _environment.SystemObjects.RecoverLeftAsync(cancellation))
        {
            _environment.Logger.SystemObjectDamaged(damage.Code, damage.Path);   // whoever needs it is refused; scans need none
        }

        return true;
    }

    // An archive that was restored from before some destructions: what they removed goes again, but for what a hold covers.
    private async Task<bool> ReplayLedgerAsync(CancellationToken cancellation)
    {
        try
        {
            var replayed = await new LedgerReplay(_environment).RunAsync(cancellation);
            if (!replayed.IsEmpty)
            {
                _environment.Logger.LedgerReplayed(replayed.DestroyedAgain.Count, replayed.Kept.Count, replayed.Undecided.Count, replayed.Unproven.Count, replayed.HoldsRestored, replayed.Recreated.Count);
            }
        }
        catch (DamagedObjectException damage)
        {
            _environment.Logger.SystemObjectDamaged(damage.Finding.Code, damage.Finding.Path);
        }
        catch (FixityException damage)
        {
            _environment.Logger.SystemObjectDamaged("E092", damage.Path);
        }

        return true;
    }

    private async Task<bool> DisposeAsync(IReadOnlyList<FiledScan> closed, CancellationToken cancellation)
    {
        foreach (var group in closed.Chunk(IngestOptions.GroupSize))
        {
            await _disposal.DisposeAsync(group, cancellation);
        }

        return true;
    }

    // Rows that were adopted are this process' own from then on and must reach the pipeline, whatever fails besides: nobody else
    // would take them up. What is left undone here, the watchers and the next round do.
    private async Task<bool> TryAsync(Func<Task<bool>> step)
    {
        try
        {
            return await step();
        }
        catch (Exception error) when (EnvironmentFailure.Is(error))
        {
            _environment.Logger.HouseKeepingDeferred(error.GetType().Name);
            return false;
        }
    }

    private FiledScan Filed(ScanRow scan) => new(
        InHand(scan.Claim), new Closing(scan.Claim.Id, scan.Outcome ?? ScanOutcome.Released, scan.RecordId, scan.Version, Reason: scan.Reason));

    private ScanInHand InHand(Claim claim)
    {
        var folder = _folders.Drop.FirstOrDefault(folder =>
                folder.Profile.Name == claim.Profile && claim.SourcePath.StartsWith(folder.AbsolutePath + "/", StringComparison.Ordinal))
            ?? _folders.Open(ProfileNamed(claim.Profile), DropFolder.FolderOf(claim.FilePath));
        folder.TryTakeInHand(folder.Relative(claim));
        return new ScanInHand(claim, folder);
    }

    // A profile that is no longer in the configuration: its rules are gone, the scan is not. So nothing is done that its rules
    // may have forbidden: the file stays in the folder, and no record is changed without a person.
    private ProfileOptions ProfileNamed(string name) =>
        _environment.Options.Profiles.FirstOrDefault(profile => profile.Name == name)
        ?? new ProfileOptions { Name = name, KeepSource = KeepSourceRule.UntilBackedUp, OnExistingKey = ExistingKeyPolicy.Review };

    private async Task TakeUpNowAndThenAsync(IngestPipeline pipeline, CancellationToken stopping)
    {
        while (true)
        {
            await Task.Delay(TakeUpInterval, _environment.Time, stopping);
            try
            {
                await AddAsync(pipeline, await TakeUpAsync(isStart: false, stopping), stopping);
            }
            catch (Exception error) when (EnvironmentFailure.Is(error))
            {
                // The catalog or the locks folder does not answer: other stages alarm that; this one asks again.
                _environment.Logger.HouseKeepingDeferred(error.GetType().Name);
            }
        }
    }

    // Until a rebuild that died is swept, every record is written to its shadow tables too.
    private async Task SweepRebuildAsync(CancellationToken stopping)
    {
        try
        {
            using var held = _environment.Locks.TryAcquire(CatalogRebuild.LockName);
            if (held is not null)
            {
                await new CatalogRebuild(_environment.Database, new CatalogRebuildOptions()).SweepAsync(stopping);
            }
        }
        catch (Exception error) when (EnvironmentFailure.Is(error))
        {
            _environment.Logger.HouseKeepingDeferred(error.GetType().Name);
        }
    }

    /// <summary>What dead processes left: claims to go on with, and sources of closed ones to be dealt with.</summary>
    private sealed record LeftOver(IReadOnlyList<ScanInHand> Open, IReadOnlyList<FiledScan> Closed);

    private sealed class SettledToPipeline(IngestPipeline pipeline) : ISettledScans
    {
        public ValueTask AddAsync(SettledScan scan, CancellationToken cancellation) => pipeline.AddAsync(scan, cancellation);
    }
}
