using System.Threading.Channels;
using DocIngest.Pipeline.Collation;
using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Extraction.Renditions;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Receipts;
using DocIngest.Pipeline.Recognition;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Scans;
using DocIngest.Pipeline.Splitting;
using DocIngest.Storage;

namespace DocIngest.Pipeline;

/// <summary>
/// The stages in the order a scan meets them: claim and copy, recognition, extraction, classification, filing, source removal. Bounded queues lie
/// between them, so that the slowest sets the pace; nothing that matters is only in them.
/// </summary>
internal sealed class IngestPipeline
{
    // Enough for the next group to gather while one is flushed; few enough that waiting texts stay small.
    private const int QueueLength = 2 * IngestOptions.GroupSize;

    // Texts of a group are held in memory until it is filed, and as many again wait for it; as many again are known of parts that are to be read.
    private const long GroupTextCharacters = 16 * 1024 * 1024;

    // Scans inside the reading stage beyond those that workers have in hand: a few that are read by OCR for minutes do not hold up the others.
    private const int ScansBesideWorkers = 8;

    // A scan that waits for an older one looks again after this, longer each time, unless something is read or filed earlier.
    private static readonly TimeSpan FirstWaitingRetry = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestWaitingRetry = TimeSpan.FromMilliseconds(500);

    private readonly IngestEnvironment _environment;
    private readonly RetryPolicy _retry;
    private readonly Action<ScanReport> _report;
    private readonly Filer _filer;
    private readonly SourceDisposal _disposal;
    private readonly Alarms _alarms;

    private readonly Channel<IntakeWork> _work = Channel.CreateBounded<IntakeWork>(QueueLength);
    private readonly Channel<ScanInHand> _copied = Channel.CreateBounded<ScanInHand>(QueueLength);
    private readonly Channel<ScanInHand> _read = Channel.CreateBounded<ScanInHand>(QueueLength);
    private readonly Channel<IReadOnlyList<FiledScan>> _closed = Channel.CreateBounded<IReadOnlyList<FiledScan>>(QueueLength);

    private readonly TextBudget _waitingText = new(GroupTextCharacters);
    private readonly PagesReadBefore _knownPages = new(GroupTextCharacters);

    private readonly ScanSplitter _splitter;
    private readonly StackCollator _collator;
    private readonly ScansInside _inside;
    private readonly ScanEndings _endings;

    // Only the filing stage.
    private Task<bool>? _moreToFile;
    private TimeSpan _waitingRetry = FirstWaitingRetry;

    public IngestPipeline(IngestEnvironment environment, RetryPolicy retry, SourceDisposal disposal, Alarms alarms, Action<ScanReport> report)
    {
        _environment = environment;
        _retry = retry;
        _report = report;
        _disposal = disposal;
        _alarms = alarms;
        _filer = new Filer(environment);
        _splitter = new ScanSplitter(environment, _knownPages);
        _collator = new StackCollator(environment, _knownPages);
        _inside = new ScansInside(EndStages);
        _endings = new ScanEndings(environment, retry, alarms, _inside, report, _work.Writer, _closed.Writer);
    }

    /// <summary>Hands over a settled file. Waits while the pipeline is full.</summary>
    public async ValueTask AddAsync(SettledScan scan, CancellationToken cancellation)
    {
        await _inside.EnterAsync(scan.Folder.Profile.Name, cancellation);
        await _work.Writer.WriteAsync(new IntakeWork.Settled(scan), cancellation);
    }

    /// <summary>Hands over an open claim of a process that died. It needs no place: younger claims inside may be waiting for it.</summary>
    public async ValueTask AddOpenAsync(ScanInHand scan, CancellationToken cancellation)
    {
        _inside.EnterWithoutPlace(scan);
        await _work.Writer.WriteAsync(new IntakeWork.Again(scan), cancellation);
    }

    /// <summary>Hands over closed claims of a process that died, whose sources are still to be dealt with.</summary>
    public async ValueTask AddClosedAsync(IReadOnlyList<FiledScan> scans, CancellationToken cancellation)
    {
        foreach (var filed in scans)
        {
            _inside.EnterWithoutPlace(filed.Scan);
        }

        await _closed.Writer.WriteAsync(scans, cancellation);
    }

    /// <summary>No more files come: <see cref="RunAsync"/> ends when those inside have ended.</summary>
    public void CompleteInput() => _inside.CompleteInput();

    /// <summary>Runs the stages until the input is complete and used up, or <paramref name="stopping"/>. Open claims stay in the ledger.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var token = linked.Token;
        Task[] stages =
        [
            new ClaimStage(_environment, _retry, _disposal, _alarms, _inside, _endings, _report).RunAsync(_work.Reader, _copied.Writer, _closed.Writer, token),
            .. Enumerable.Range(0, _environment.ExtractorCount + ScansBesideWorkers).Select(_ => ReadStageAsync(token)),
            FileStageAsync(token),
            DisposalStageAsync(token),
            _endings.RetryStageAsync(token),
            _endings.HandInStageAsync(token),
        ];

        await EndTogether.RunAsync(stages, linked);   // a pipeline with a hole would fill and stand still
    }

    // The last scan has left and none comes: each stage ends when the one before it has.
    private void EndStages()
    {
        _work.Writer.TryComplete();
        _read.Writer.TryComplete();
        _endings.Complete();
    }

    private async Task ReadStageAsync(CancellationToken stopping)
    {
        while (await _copied.Reader.WaitToReadAsync(stopping))
        {
            while (_copied.Reader.TryRead(out var scan))
            {
                try
                {
                    await ReadAsync(scan, stopping);
                    await _waitingText.TakeAsync(scan.TextCharacters, stopping);
                    await _read.Writer.WriteAsync(scan, stopping);
                }
                catch (Exception error) when (ScanEndings.IsOfOneScan(error, stopping))
                {
                    await _endings.HandleAsync(scan, error, stopping);
                }
            }
        }
    }

    private async Task ReadAsync(ScanInHand scan, CancellationToken stopping)
    {
        using (var content = _environment.Data.OpenRead(scan.CopyPath))
        {
            scan.Format = Recognizer.Recognize(content);
        }

        if (scan.Format is { } format)
        {
            scan.Extraction = await _environment.Extractor.ExtractAsync(
                new Extraction.ExtractionRequest(scan.Claim.Id, $"{_environment.DataPath}/{scan.CopyPath}", format)
                {
                    Languages = scan.Folder.Profile.Languages,
                    ReadsBarCodes = scan.Folder.Profile.Pages.ReadsBarCodes,
                    DropsBlankPages = scan.Folder.Profile.Pages.Blank == Pages.BlankPages.Drop,
                    Known = _knownPages.Find(scan.Claim.Id),
                    Rendition = new RenditionPlace(_environment.Data, scan.RenditionPath),
                },
                stopping);
            _knownPages.Forget(scan.Claim.Id);
        }

        await _splitter.PrepareAsync(scan, stopping);
        scan.Classify(scan.Split is null ? _environment.Classifier.Classify(scan.Facts()) : ScanSplitter.BatchClass);
        await _collator.PrepareAsync(scan, stopping);
        scan.NoteLanguages(_environment.Classifier);   // of what it is now, alone or with its other side
    }

    private async Task FileStageAsync(CancellationToken stopping)
    {
        var waiting = new List<ScanInHand>();
        while (await WaitForGroupAsync(waiting.Count > 0, stopping))
        {
            var group = new List<ScanInHand>(waiting);
            int before = waiting.Count;   // beside the group's size: what they wait for may be behind them in the queue
            waiting.Clear();
            long characters = 0;
            while (group.Count - before < IngestOptions.GroupSize && characters < GroupTextCharacters && _read.Reader.TryRead(out var scan))
            {
                characters += scan.TextCharacters;
                _waitingText.GiveBack(scan.TextCharacters);
                group.Add(scan);
            }

            if (group.Count > 0)
            {
                waiting.AddRange(await FileAsync(group, stopping));
                _waitingRetry = waiting.Count < group.Count ? FirstWaitingRetry : Longer(_waitingRetry);
            }
        }

        _closed.Writer.Complete();
    }

    private async Task<IReadOnlyList<ScanInHand>> FileAsync(List<ScanInHand> group, CancellationToken stopping)
    {
        var result = await _filer.FileAsync(group, stopping);
        foreach (var (scan, error) in result.Failed)
        {
            await _endings.HandleAsync(scan, error, stopping);
        }

        foreach (var scan in result.ToCollate)
        {
            _collator.Remember(scan);
            _endings.HandIn(scan);
        }

        if (result.Closed.Count > 0)
        {
            await _closed.Writer.WriteAsync(result.Closed, CancellationToken.None);
        }

        return result.Waiting;
    }

    // False when no more scans come and none waits.
    private async Task<bool> WaitForGroupAsync(bool someWait, CancellationToken stopping)
    {
        _moreToFile ??= _read.Reader.WaitToReadAsync(stopping).AsTask();
        if (someWait)
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            await Task.WhenAny(_moreToFile, Task.Delay(_waitingRetry, _environment.Time, timeout.Token));
            await timeout.CancelAsync();
            stopping.ThrowIfCancellationRequested();
            if (!_moreToFile.IsCompleted)
            {
                return true;
            }
        }

        bool more = await _moreToFile;
        _moreToFile = null;
        return more || someWait;
    }

    private static TimeSpan Longer(TimeSpan wait) => wait * 2 < LongestWaitingRetry ? wait * 2 : LongestWaitingRetry;

    // Removing from a share may hang, and so may writing to its feedback folder.
    private Task DisposalStageAsync(CancellationToken stopping) =>
        new ProfileLanes<FiledScan>(_environment.Options.Profiles.Select(profile => profile.Name), filed => filed.Scan.Claim.Profile)
            .RunAsync(_closed.Reader.ReadAllAsync(stopping).SelectMany(group => group), DisposeLaneAsync, stopping);

    private async Task DisposeLaneAsync(ChannelReader<FiledScan> lane, CancellationToken stopping)
    {
        while (await lane.WaitToReadAsync(stopping))
        {
            var group = new List<FiledScan>();
            while (group.Count < IngestOptions.GroupSize && lane.TryRead(out var filed))
            {
                group.Add(filed);
            }

            await DisposeAsync(group, stopping);
            foreach (var filed in group)
            {
                foreach (var part in filed.Parts)
                {
                    _inside.EnterWithoutPlace(part);   // before the whole leaves: it is still the input that brings them
                    _endings.HandIn(part);
                }

                _report(Report(filed));
                _inside.Leave(filed.Scan);
            }
        }
    }

    // Safe to repeat: a source removed already is gone, a receipt written already is in its file.
    private async Task DisposeAsync(List<FiledScan> group, CancellationToken stopping)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await _disposal.DisposeAsync(group, stopping);
                foreach (string profile in group.Where(filed => filed.Closing.Outcome.IsTakenIn()).Select(filed => filed.Scan.Claim.Profile).Distinct())
                {
                    await _retry.NoteSuccessAsync(profile, stopping);
                }

                return;
            }
            catch (Exception error) when (EnvironmentFailure.Is(error))
            {
                // Their claims are closed: whatever is left undone here, the next start does.
                _environment.Logger.HouseKeepingDeferred(error.GetType().Name);
                if (!_retry.MayTryAgain(attempt))
                {
                    return;
                }

                await _alarms.RaiseAsync(RetryPolicy.KindOf(error), group[0].Scan.Claim.Profile, EnvironmentFailure.Explain(error), stopping, whereCatalogFails: true);
                await Task.Delay(_retry.Delay, _environment.Time, stopping);
            }
        }
    }

    private static ScanReport Report(FiledScan filed)
    {
        var (scan, closing) = filed;
        if (closing.Outcome == ScanOutcome.Released)
        {
            return new ScanReport(RawName.ToDisplay(scan.Claim.SourcePath), ScanReport.Skipped, null, null, null, null, null, closing.Reason);
        }

        return new ScanReport(
            RawName.ToDisplay(scan.Claim.FilePath),
            closing.Outcome.ToWord(),
            (closing.RecordId ?? scan.Claim.Id).ToString(),
            closing.Version is { } version ? $"v{version}" : null,
            closing.PageCount,
            scan.Digest.Hex.Length > 0 ? scan.Digest.Hex : null,
            closing.TextStatus?.ToWord(),
            closing.Reason)
        {
            FilePages = scan.Claim.Part?.Pages,
        };
    }
}
