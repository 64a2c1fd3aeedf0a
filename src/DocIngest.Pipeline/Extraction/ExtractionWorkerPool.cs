using DocIngest.Pipeline.Extraction.BarCodes;
using DocIngest.Pipeline.Extraction.Cuts;
using DocIngest.Pipeline.Extraction.Ocr;
using DocIngest.Pipeline.Extraction.Renditions;
using DocIngest.Pipeline.Records;
using Microsoft.Extensions.Logging;

namespace DocIngest.Pipeline.Extraction;

/// <summary>
/// Reads documents in child processes that are kept warm. A document that kills its worker, or outlasts a limit, is tried once
/// more in a fresh one; then what came of the better try is its result. Workers are started when they are first needed.
/// </summary>
public sealed class ExtractionWorkerPool : IExtractor, IPageCutter, IAsyncDisposable
{
    // 320 by 320 pixels take some 10 kB.
    private const long MaxThumbnailBytes = 4L << 20;

    private readonly ExtractionOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly WorkerPlaces _places;
    private readonly StartBackoff _backoff;
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _gate = new();
    private readonly Stack<WorkerProcess> _idle = new();   // under _gate; the warmest on top
    private readonly PendingPages _pendingPages;
    private readonly PageBarCodes _barCodes;
    private readonly RenditionMaking _renditions;
    private readonly PageCutting _cuts;
    private long _documents;
    private ScratchSpace? _scratch;                        // under _gate
    private bool _closed;                                  // under _gate

    /// <summary>Makes a pool without workers.</summary>
    /// <exception cref="ArgumentException">The options make no sense; the message lists every fault.</exception>
    public ExtractionWorkerPool(ExtractionOptions options, TimeProvider time, ILogger<ExtractionWorkerPool> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Faults() is { Count: > 0 } faults)
        {
            throw new ArgumentException(string.Join(' ', faults), nameof(options));
        }

        _options = options;
        _time = time;
        _logger = logger;
        _places = new WorkerPlaces(options.WorkerCount);
        _backoff = new StartBackoff(time);
        _pendingPages = new PendingPages(options, time, logger, AskAsync);
        _barCodes = new PageBarCodes(options, time, logger, AskAsync);
        _renditions = new RenditionMaking(options, MakeAsync);
        _cuts = new PageCutting(options, MakeAsync);
    }

    /// <summary>How the worker that was started last is confined; null until the first has started.</summary>
    public WorkerConfinement? Confinement { get; private set; }

    /// <inheritdoc />
    public async Task<ExtractionResult> ExtractAsync(ExtractionRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _closing.Token);
        request = request with { Order = Interlocked.Increment(ref _documents) };
        var kept = await ReadAsync(request, stop.Token);
        if (request.Known is { } known && ResultBuilder.Build(kept, known, request.Format) is { } built)
        {
            return ResultBuilder.With(built, await _renditions.MakeAsync(request, built, stop.Token));
        }

        var ocr = await _pendingPages.ReadAsync(request, kept, stop.Token);
        var barCodes = await _barCodes.ReadAsync(request, kept, stop.Token);
        var result = ResultBuilder.Build(kept, ocr, barCodes, request.Format);
        if (kept.End.DeservesRetry || ocr.Failures.Count > 0)
        {
            string status = result.TextStatus.ToWord();
            _logger.DocumentGivenUp(request.Id, status, result.Pages.Total - result.Pages.Failed, result.Pages.Total);
        }

        return ResultBuilder.With(result, await _renditions.MakeAsync(request, result, stop.Token));
    }

    /// <inheritdoc />
    public bool CanCut => _options.Ocr is { Programs.Qpdf: not null };

    /// <inheritdoc />
    public async Task<CutOutcome> CutAsync(CutRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _closing.Token);
        return await _cuts.CutAsync(request, stop.Token);
    }

    /// <inheritdoc />
    public async Task<CutOutcome> CollateAsync(CollationRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _closing.Token);
        return await _cuts.CollateAsync(request, stop.Token);
    }

    /// <inheritdoc />
    public Task<bool> HasOcrAsync(IReadOnlyList<string> languages, CancellationToken cancellation) => _pendingPages.CanReadAsync(languages, cancellation);

    /// <inheritdoc />
    public Task<IReadOnlyList<string>> MissingLanguagesAsync(IReadOnlyList<string> languages, CancellationToken cancellation) => _pendingPages.MissingAsync(languages, cancellation);

    /// <summary>Makes a small picture of a document's first page, as WebP. Nothing is kept of it here.</summary>
    /// <param name="request">The document.</param>
    /// <param name="target">Begins the file the picture is written into; not called where there is none.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Whether there is a picture: not every page can be shown.</returns>
    /// <exception cref="ExtractionUnavailableException">No worker can be started, or there is no scratch folder. The document is not judged.</exception>
    public async Task<bool> MakeThumbnailAsync(ThumbnailRequest request, Func<Stream> target, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (_options.Ocr is not { } ocr)
        {
            throw new ExtractionUnavailableException("Pictures are made with the programs of OCR, which are not installed.");
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _closing.Token);
        string name = $"{Guid.NewGuid():N}.webp";
        var work = new ScratchWork(
            name,
            MaxThumbnailBytes,
            request.CopyOriginal,
            given => WorkerRequest.Of(_options, given, request.Format) with
            {
                Thumbnail = new ThumbnailTask(ocr.Programs.PdfToPpm, name, request.LongerSide),
            },
            target);
        return (await MakeAsync(request.Id, work, stop.Token)).File is not null;
    }

    /// <summary>One try at a request, in a place of its own.</summary>
    private async Task<ReadingTry> AskAsync(ExtractionRequest document, WorkerRequest request, bool fresh, CancellationToken stopping)
    {
        await _places.TakeAsync(document.Order, stopping);
        try
        {
            return await TryAsync(request, fresh, stopping);
        }
        finally
        {
            _places.GiveBack();
        }
    }

    private async Task<ScratchResult> MakeAsync(RecordId id, ScratchWork work, CancellationToken stopping)
    {
        await _places.TakeAsync(WorkerPlaces.First, stopping);
        try
        {
            (Archive.Sha512Digest, long)? made = null;
            var tried = await TryAsync(work, fresh: false, file => made = file, stopping);
            if (tried.DeservesRetry)
            {
                _logger.DocumentRetried(id, tried.ToWords());
                tried = await TryAsync(work, fresh: true, file => made = file, stopping);
            }

            return new ScratchResult(made, tried, (tried as ReadingEnd.Answered)?.Result.Tools ?? []);
        }
        finally
        {
            _places.GiveBack();
        }
    }

    private async Task<ReadingEnd> TryAsync(
        ScratchWork work, bool fresh, Action<(Archive.Sha512Digest, long)?> take, CancellationToken stopping)
    {
        string? given = null;
        string? output = null;
        try
        {
            var tried = await TryAsync(
                async worker =>
                {
                    output = Path.Combine(ScratchOf(worker), work.OutputName);
                    return work.Ask(given = await ScratchFile.GiveAsync(ScratchOf(worker), work.Give));
                },
                asked: [],
                async worker => take(await ScratchFile.TakeAsync(Path.Combine(ScratchOf(worker), work.OutputName), work.MaxBytes, work.Target, stopping)),
                fresh,
                stopping);
            return tried.End;
        }
        finally
        {
            foreach (string file in new[] { given, output }.OfType<string>())   // however it ended, nothing of a document stays
            {
                ScratchFile.Remove(file);
            }
        }
    }

    private static string ScratchOf(WorkerProcess worker) =>
        worker.ScratchFolder ?? throw new InvalidOperationException("A worker of a pool with OCR has a scratch folder.");

    /// <summary>What the document has itself: the try that counts.</summary>
    private async Task<ReadingTry> ReadAsync(ExtractionRequest request, CancellationToken stopping)
    {
        await _places.TakeAsync(WorkerPlaces.First, stopping);
        try
        {
            var first = await TryAsync(WorkerRequest.Of(_options, request.FilePath, request.Format), fresh: false, stopping);
            if (!first.End.DeservesRetry)
            {
                return first;
            }

            _logger.DocumentRetried(request.Id, first.End.ToWords());
            var second = await TryAsync(WorkerRequest.Of(_options, request.FilePath, request.Format), fresh: true, stopping);
            return second.End is ReadingEnd.Answered { Result.Fate: ReadingFate.Unopened }
                ? throw new ExtractionUnavailableException("A fresh extraction worker could not open the copy of the scan.")
                : ReadingTry.Better(first, second);
        }
        finally
        {
            _places.GiveBack();
        }
    }

    /// <summary>Ends all workers. Documents at work end as cancelled.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
        }

        await _closing.CancelAsync();
        for (int place = 0; place < _options.WorkerCount; place++)
        {
            await _places.TakeAsync(WorkerPlaces.First, CancellationToken.None);   // each document at work gives its place back once its worker is gone
        }

        foreach (var worker in _idle)   // nobody else is left
        {
            worker.Dispose();
        }

        _scratch?.Dispose();
        _closing.Dispose();
    }

    private Task<ReadingTry> TryAsync(WorkerRequest request, bool fresh, CancellationToken cancellation) =>
        TryAsync(_ => Task.FromResult(request), request.Asked, static _ => Task.CompletedTask, fresh, cancellation);

    /// <param name="ask">Makes the request, once the worker is known.</param>
    /// <param name="asked">The pages that are asked for; see <see cref="DocumentReading"/>.</param>
    /// <param name="collect">Takes what a worker that answered well has made, before it is given anything else.</param>
    /// <param name="fresh">By a worker that has read nothing.</param>
    /// <param name="cancellation">Ends it, and the worker.</param>
    private async Task<ReadingTry> TryAsync(
        Func<WorkerProcess, Task<WorkerRequest>> ask, IReadOnlyList<int>? asked, Func<WorkerProcess, Task> collect, bool fresh, CancellationToken cancellation)
    {
        var worker = (fresh ? null : TakeIdle()) ?? await StartAsync(cancellation);
        bool answered = false;
        try
        {
            var request = await ask(worker);
            using var reading = new DocumentReading(_options, _time, asked, isForBarCodes: request.BarCodes is not null);
            long started = _time.GetTimestamp();
            var end = await worker.ReadAsync(request, reading, cancellation);
            var elapsed = _time.GetElapsedTime(started);
            if (end is ReadingEnd.Answered { Result.Fate: ReadingFate.Read })
            {
                await collect(worker);
            }

            answered = end is ReadingEnd.Answered;
            if (answered)
            {
                _backoff.NoteAnswer();
            }
            else if (end is ReadingEnd.Crashed)   // one that we stopped because its time was up says nothing about the next
            {
                _backoff.NoteDeath();
            }

            return new ReadingTry(end, reading.TotalPages, reading.Pages, worker.Greeting) { LastTurn = reading.LastTurn, IsSecondLook = reading.IsSecondLook, Elapsed = elapsed };
        }
        finally
        {
            if (answered)
            {
                Return(worker);
            }
            else
            {
                worker.Dispose();
            }
        }
    }

    private WorkerProcess? TakeIdle()
    {
        while (true)
        {
            WorkerProcess? worker;
            lock (_gate)
            {
                if (!_idle.TryPop(out worker))
                {
                    return null;
                }
            }

            if (worker.IsUsable)
            {
                return worker;
            }

            worker.Dispose();   // it died while it had nothing to do; no document is to blame
        }
    }

    private void Return(WorkerProcess worker)
    {
        lock (_gate)
        {
            if (!_closed && worker.IsUsable)
            {
                _idle.Push(worker);
                return;
            }
        }

        _logger.WorkerRecycled(worker.Id, worker.DocumentCount, worker.PrivateBytes);
        worker.Dispose();
    }

    private async Task<WorkerProcess> StartAsync(CancellationToken cancellation)
    {
        if (_backoff.Delay is var delay && delay > TimeSpan.Zero)
        {
            _logger.WorkersKeepDying(delay);
            await Task.Delay(delay, _time, cancellation);
        }

        try
        {
            var worker = await WorkerProcess.StartAsync(_options, OpenScratch(), _time, _logger, cancellation);
            Welcome(worker);
            return worker;
        }
        catch (ExtractionUnavailableException)
        {
            _backoff.NoteDeath();
            throw;
        }
    }

    private ScratchSpace? OpenScratch()
    {
        lock (_gate)
        {
            try
            {
                return _options.Ocr is { } ocr ? _scratch ??= ScratchSpace.Open(ocr.ScratchFolder) : null;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new ExtractionUnavailableException("The folder that extraction workers write in could not be made.", error);
            }
        }
    }

    private void Welcome(WorkerProcess worker)
    {
        bool known = Confinement is not null;
        Confinement = new WorkerConfinement(worker.Greeting.Confinement == "landlock", worker.Greeting.Enforced);
        if (!Confinement.IsConfined && !known)
        {
            _logger.WorkersNotConfined();
        }

        _logger.WorkerStarted(worker.Id, Confinement.IsConfined);
    }
}
