using System.Threading.Channels;
using DocIngest.Archive;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Intake;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Scans;
using DocIngest.Storage;

namespace DocIngest.Pipeline;

/// <summary>
/// How a scan leaves the pipeline without being filed: put back and tried again later, released because its file changed, or failed.
/// Each leaves the ledger row so that nothing is lost: open, or closed while the source or the archive holds the bytes.
/// </summary>
internal sealed class ScanEndings(
    IngestEnvironment environment,
    RetryPolicy retry,
    Alarms alarms,
    ScansInside inside,
    Action<ScanReport> report,
    ChannelWriter<IntakeWork> work,
    ChannelWriter<IReadOnlyList<FiledScan>> closed)
{
    private readonly ScanRecovery _recovery = new(environment);

    // Unbounded as well; open claims of which the ledger knows.
    private readonly Channel<ScanInHand> _handedIn = Channel.CreateUnbounded<ScanInHand>();

    // Unbounded, so that a failing stage never waits for the retry that waits for it; it holds no more than is inside.
    private readonly Channel<(ScanInHand Scan, Exception Error, long Since)> _deferred = Channel.CreateUnbounded<(ScanInHand, Exception, long)>();

    /// <summary>Whether an error is one scan's. Cancellation that nobody asked for is; a power cut in a test is the end of the process.</summary>
    public static bool IsOfOneScan(Exception error, CancellationToken stopping) =>
        !(error is OperationCanceledException && stopping.IsCancellationRequested) && error is not (PowerCutException or ChannelClosedException);

    /// <summary>Decides by the error: tried again later where the surroundings failed, given back where the source cannot be read, else failed.</summary>
    public async Task HandleAsync(ScanInHand scan, Exception error, CancellationToken stopping)
    {
        if (error is SourceUnreadableException && retry.IsEndless)
        {
            // Nothing was taken from it yet. Held claims of a share that is away would leave no place for the files of others.
            retry.NoteUnreadable(scan.Folder, scan.RelativePath);
            await alarms.RaiseAsync(
                RetryPolicy.KindOf(error), scan.Claim.Profile, EnvironmentFailure.Explain(error), stopping, whereCatalogFails: true);
            await ReleaseAsync(scan, EnvironmentFailure.Explain(error), stopping);
        }
        else if (EnvironmentFailure.Is(error))
        {
            Defer(scan, error);
        }
        else
        {
            if (error is DamagedTwinException || (error is ArchiveException && scan.Claim.Part is not null))   // a part needs its batch record
            {
                await AlarmDamageAsync(scan, stopping);
            }

            await FailAsync(scan, EnvironmentFailure.Explain(error), stopping);
        }
    }

    /// <summary>The surroundings failed. The claim stays open and starts over after a while; a run with an end gives up after some attempts.</summary>
    public void Defer(ScanInHand scan, Exception error) => _deferred.Writer.TryWrite((scan, error, environment.Time.GetTimestamp()));

    /// <summary>Hands deferred scans over again, each after its wait. Ends after <see cref="Complete"/>.</summary>
    public async Task RetryStageAsync(CancellationToken stopping)
    {
        // All wait equally long, so the first to come is the first that is due.
        await foreach (var (scan, error, since) in _deferred.Reader.ReadAllAsync(stopping))
        {
            if (!retry.MayTryAgain(scan))
            {
                await alarms.RaiseAsync(RetryPolicy.KindOf(error), scan.Claim.Profile, EnvironmentFailure.Explain(error), stopping, whereCatalogFails: true);
                await FailAsync(scan, EnvironmentFailure.Explain(error), stopping);
                continue;
            }

            environment.Logger.ScanDeferred(scan.Claim.Id, retry.Delay, error.GetType().Name, EnvironmentFailure.Explain(error));
            await alarms.RaiseAsync(
                RetryPolicy.KindOf(error), scan.Claim.Profile, EnvironmentFailure.Explain(error), stopping, whereCatalogFails: true);
            var left = retry.Delay - environment.Time.GetElapsedTime(since);
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(left, environment.Time, stopping);
            }

            await work.WriteAsync(new IntakeWork.Again(scan), stopping);
        }
    }

    /// <summary>
    /// A part of a scan that was divided just now begins its way, or a stack whose other side has come begins it anew. It never waits: the stage that
    /// hands it in must not wait for those before it.
    /// </summary>
    public void HandIn(ScanInHand scan) => _handedIn.Writer.TryWrite(scan);

    /// <summary>Hands them to the first stage as it takes them. Ends after <see cref="Complete"/>.</summary>
    public async Task HandInStageAsync(CancellationToken stopping)
    {
        await foreach (var scan in _handedIn.Reader.ReadAllAsync(stopping))
        {
            await work.WriteAsync(new IntakeWork.Again(scan), stopping);
        }
    }

    /// <summary>No scan has to wait any more: none is left inside.</summary>
    public void Complete()
    {
        _deferred.Writer.TryComplete();
        _handedIn.Writer.TryComplete();
    }

    /// <summary>The file is the scanner's again and comes as a new scan: the claim is closed, the private copy goes.</summary>
    public async Task ReleaseAsync(ScanInHand scan, string reason, CancellationToken stopping)
    {
        try
        {
            await CloseAsync(new Closing(scan.Claim.Id, ScanOutcome.Released, Reason: reason), stopping);
        }
        catch (Exception error) when (EnvironmentFailure.Is(error))
        {
            Defer(scan, error);
            return;
        }

        environment.Logger.ClaimReleased(scan.Claim.Id);
        scan.Folder.PutDown(scan.RelativePath);
        report(new ScanReport(RawName.ToDisplay(scan.Claim.SourcePath), ScanReport.Skipped, null, null, null, null, null, reason));
        inside.Leave(scan);
    }

    /// <summary>No further attempt. Whether its claim may be closed, or its private copy is all that is left, recovery knows.</summary>
    public async Task FailAsync(ScanInHand scan, string reason, CancellationToken stopping)
    {
        var closing = new Closing(scan.Claim.Id, ScanOutcome.Failed, Reason: reason);
        try
        {
            switch (await _recovery.ResumeAsync(scan, stopping))
            {
                case Resumption.Finished finished:   // it had reached the archive after all
                    await closed.WriteAsync([finished.Filed], stopping);
                    return;
                case Resumption.Damaged:
                    await AlarmDamageAsync(scan, stopping);
                    await (scan.SourceStands() ? CloseAsync(closing, stopping) : GiveUpAsync(scan, stopping));
                    break;
                case Resumption.StartOver when scan.Claim.Part is null:   // a part has no file that would come again
                    await CloseAsync(closing, stopping);
                    break;
                default:
                    await GiveUpAsync(scan, stopping);
                    break;
            }
        }
        catch (Exception error) when (retry.IsEndless && EnvironmentFailure.Is(error))
        {
            Defer(scan, error);   // an open row of a living process that nobody works on would hold up younger claims for ever
            return;
        }
        catch (Exception error) when (IsOfOneScan(error, stopping))
        {
            // What failed fails still. The row stays open with its copy, and holds up nobody: the next start takes it up.
            environment.Logger.HouseKeepingDeferred(error.GetType().Name);
            await GiveUpQuietlyAsync(scan, stopping);
        }

        environment.Logger.ScanFailed(scan.Claim.Id, reason);
        await closed.WriteAsync([new FiledScan(scan, closing)], stopping);
    }

    private Task AlarmDamageAsync(ScanInHand scan, CancellationToken stopping) => alarms.RaiseAsync(
        AlarmKind.ArchiveDamaged, scan.Claim.Profile,
        "A record in the archive is damaged. A scan that needed it is kept where it was: restore the record, and the next start takes the scan in.",
        stopping, whereCatalogFails: true);

    private Task GiveUpAsync(ScanInHand scan, CancellationToken stopping) => environment.Database.WriteAsync(
        (_, transaction) =>
        {
            ScanTable.GiveUp(transaction, scan.Claim.Id);
            return true;
        },
        stopping);

    private async Task GiveUpQuietlyAsync(ScanInHand scan, CancellationToken stopping)
    {
        try
        {
            await GiveUpAsync(scan, stopping);
        }
        catch (Exception error) when (IsOfOneScan(error, stopping))
        {
            environment.Logger.HouseKeepingDeferred(error.GetType().Name);   // the ledger does not answer: the row is ours until this process ends
        }
    }

    private async Task CloseAsync(Closing closing, CancellationToken stopping)
    {
        await environment.Database.WriteAsync(
            (_, transaction) =>
            {
                ClosedScans.Close(environment, transaction, closing, environment.Time.GetUtcNow());
                return true;
            },
            stopping);
        try
        {
            environment.Archive.Discard(closing.ScanId.ToBareString());
        }
        catch (StorageException)
        {
            // A staging entry left behind is harmless: its claim is closed, and the next start sweeps it.
        }
    }
}
