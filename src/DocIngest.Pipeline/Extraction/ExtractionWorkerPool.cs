using System.Diagnostics;
using DocIngest.Pipeline.Extraction.Ocr;
using DocIngest.Pipeline.Records;
using Microsoft.Extensions.Logging;

namespace DocIngest.Pipeline.Extraction;

/// <summary>
/// Reads documents in child processes that are kept warm. A document that kills its worker, or outlasts a limit, is tried once
/// more in a fresh one; then what came of the better try is its result. Workers are started when they are first needed.
/// </summary>
public sealed class ExtractionWorkerPool : IExtractor, IAsyncDisposable
{
    private readonly ExtractionOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _places;
    private readonly StartBackoff _backoff;
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _gate = new();
    private readonly Stack<WorkerProcess> _idle = new();   // under _gate; the warmest on top
    private readonly OcrLanguages? _languages;
    private readonly PageTime _pageTime = new();
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
        _places = new SemaphoreSlim(options.WorkerCount);
        _backoff = new StartBackoff(time);
        _languages = options.Ocr is { } ocr ? new OcrLanguages(ocr, time) : null;
    }

    /// <summary>How the worker that was started last is confined; null until the first has started.</summary>
    public WorkerConfinement? Confinement { get; private set; }

    /// <inheritdoc />
    public async Task<ExtractionResult> ExtractAsync(ExtractionRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _closing.Token);
        var kept = await ReadAsync(request, stop.Token);
        var ocr = await ReadByOcrAsync(request, kept, stop.Token);
        var result = ResultBuilder.Build(kept, ocr, request.Format);
        if (kept.End.DeservesRetry || ocr.Failures.Count > 0)
        {
            string status = result.TextStatus.ToWord();
            _logger.DocumentGivenUp(request.Id, status, result.Pages.Total - result.Pages.Failed, result.Pages.Total);
        }

        return result;
    }

    /// <summary>What the document has itself: the try that counts.</summary>
    private async Task<ReadingTry> ReadAsync(ExtractionRequest request, CancellationToken stopping)
    {
        await _places.WaitAsync(stopping);
        try
        {
            var first = await TryAsync(ToLine(request), fresh: false, stopping);
            if (!first.End.DeservesRetry)
            {
                return first;
            }

            _logger.DocumentRetried(request.Id, Word(first.End));
            var second = await TryAsync(ToLine(request), fresh: true, stopping);
            return second.End is ReadingEnd.Answered { Result.Fate: ReadingFate.Unopened }
                ? throw new ExtractionUnavailableException("A fresh extraction worker could not open the copy of the scan.")
                : ReadingTry.Better(first, second);
        }
        finally
        {
            _places.Release();
        }
    }

    private async Task<OcrOutcome> ReadByOcrAsync(ExtractionRequest request, ReadingTry kept, CancellationToken stopping)
    {
        List<int> pending = kept.End is ReadingEnd.Answered { DeservesRetry: false }
            ? [.. kept.Pages.Where(page => page.Fate == PageFate.PendingOcr).Select(page => page.Number)]
            : [];
        if (pending.Count == 0)
        {
            return OcrOutcome.Nothing(OcrWait.None);
        }

        if (_options.Ocr is not { } ocr || _languages is null)
        {
            return OcrOutcome.Nothing(OcrWait.NoProgram);
        }

        var (languages, missing) = await _languages.SortAsync(request.Languages, stopping);
        if (missing.Count > 0)
        {
            _logger.LanguagesMissing(request.Id, string.Join('+', missing));
        }

        if (languages.Count == 0)
        {
            return OcrOutcome.Nothing(OcrWait.NoLanguage);
        }

        if (!request.MayTakeLong && _pageTime.Estimate(pending.Count, _options.WorkerCount) > ocr.LongDocument)
        {
            return OcrOutcome.Nothing(OcrWait.LongDocument);
        }

        var run = new OcrRun((pages, fresh, token) => AskOcrAsync(request, pages, string.Join('+', languages), ocr, fresh, token), _options.WorkerCount);
        var read = await run.ReadAsync(pending, stopping);
        bool worked = read.Values.All(page => page.Fate != PageFate.PendingOcr);
        return new OcrOutcome(read, run.Failures, run.Tools, worked ? OcrWait.None : OcrWait.NoProgram);
    }

    private async Task<OcrTry> AskOcrAsync(
        ExtractionRequest request, IReadOnlyList<int> pages, string languages, OcrOptions ocr, bool fresh, CancellationToken stopping)
    {
        await _places.WaitAsync(stopping);
        try
        {
            long started = _time.GetTimestamp();
            var line = ToLine(request) with
            {
                MaxPixels = ocr.MaxPixels,
                Ocr = new OcrTask(pages, ocr.Programs.Tesseract, languages, ocr.Programs.PdfToPpm),
            };
            var tried = await TryAsync(line, fresh, stopping);
            var tools = (tried.End as ReadingEnd.Answered)?.Result.Tools ?? [];
            if (tried.End is ReadingEnd.Answered { DeservesRetry: false })
            {
                _pageTime.Note(_time.GetElapsedTime(started), pages.Count);
            }
            else
            {
                _logger.DocumentRetried(request.Id, Word(tried.End));
            }

            return new OcrTry(tried.End, tried.Pages, tried.LastTurn, tools);
        }
        finally
        {
            _places.Release();
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
            await _places.WaitAsync(CancellationToken.None);   // each document at work gives its place back once its worker is gone
        }

        foreach (var worker in _idle)   // nobody else is left
        {
            worker.Dispose();
        }

        _scratch?.Dispose();
        _places.Dispose();
        _closing.Dispose();
    }

    private async Task<ReadingTry> TryAsync(WorkerRequest request, bool fresh, CancellationToken cancellation)
    {
        var worker = (fresh ? null : TakeIdle()) ?? await StartAsync(cancellation);
        bool answered = false;
        try
        {
            using var reading = new DocumentReading(_options, _time, request.Ocr?.Pages);
            var end = await worker.ReadAsync(request, reading, cancellation);
            answered = end is ReadingEnd.Answered;
            if (answered)
            {
                _backoff.NoteAnswer();
            }
            else if (end.DeservesRetry)
            {
                _backoff.NoteDeath();
            }

            return new ReadingTry(end, reading.TotalPages, reading.Pages, worker.Greeting) { LastTurn = reading.LastTurn };
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

    private WorkerRequest ToLine(ExtractionRequest request) =>
        new(request.FilePath, request.Format, _options.MaxPages, _options.MaxPixels, _options.MaxTextChars, _options.MaxPageTextChars);

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

    private static string Word(ReadingEnd end) => end switch
    {
        ReadingEnd.TimedOut timedOut => timedOut.Grant.ToString(),
        ReadingEnd.Crashed crashed => crashed.Cause,
        ReadingEnd.Answered { Result.Fate: ReadingFate.Unopened } => "the worker could not open it",
        ReadingEnd.Answered => "out of memory",
        _ => throw new UnreachableException(),
    };
}
