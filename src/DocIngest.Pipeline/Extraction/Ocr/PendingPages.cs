using Microsoft.Extensions.Logging;

namespace DocIngest.Pipeline.Extraction.Ocr;

/// <summary>Decides whether pages without usable text are read by OCR now, and has it done (docs/adr/0011).</summary>
/// <param name="options">Limits and programs.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Warnings of this folder.</param>
/// <param name="ask">One try at a request for a document by a worker; true: by a fresh one.</param>
internal sealed class PendingPages(ExtractionOptions options, TimeProvider time, ILogger logger, Func<ExtractionRequest, WorkerRequest, bool, CancellationToken, Task<ReadingTry>> ask)
{
    // Estimates are means: a document of hard pages may take longer than it was thought to, but not hold up the others for hours.
    private const int MuchLonger = 3;

    private readonly OcrLanguages? _languages = options.Ocr is { } ocr ? new OcrLanguages(ocr, time) : null;
    // Documents in a row on every page of which OCR died: then it is the program that is broken.
    private const int DeadBeforeBroken = 3;

    private readonly PageTime _pageTime = new();
    private int _deadInRow;

    /// <summary>Whether there is a tesseract with one of these languages.</summary>
    public async Task<bool> CanReadAsync(IReadOnlyList<string> languages, CancellationToken cancellation) =>
        _languages is not null && (await _languages.SortAsync(languages, cancellation)).Usable.Count > 0;

    /// <summary>Those of some languages without which pages are read here; none where none is read at all.</summary>
    public async Task<IReadOnlyList<string>> MissingAsync(IReadOnlyList<string> languages, CancellationToken cancellation) =>
        _languages is not null && await _languages.SortAsync(languages, cancellation) is { Usable.Count: > 0 } sorted ? sorted.Missing : [];

    /// <summary>Reads the pages of a document that have no usable text of their own.</summary>
    /// <param name="request">The document.</param>
    /// <param name="kept">What it has itself.</param>
    /// <param name="stopping">Ends it.</param>
    /// <exception cref="ExtractionUnavailableException">No worker can be started.</exception>
    public async Task<OcrOutcome> ReadAsync(ExtractionRequest request, ReadingTry kept, CancellationToken stopping)
    {
        List<int> pending = kept.End is ReadingEnd.Answered { DeservesRetry: false }
            ? [.. kept.Pages.Where(page => page.Fate == PageFate.PendingOcr).Select(page => page.Number)]
            : [];
        if (pending.Count == 0)
        {
            return OcrOutcome.Nothing(OcrWait.None);
        }

        if (options.Ocr is not { } ocr || _languages is null)
        {
            return OcrOutcome.Nothing(options.IsOcrOff ? OcrWait.Off : OcrWait.NoProgram);
        }

        var (languages, missing) = await _languages.SortAsync(request.Languages, stopping);
        if (missing.Count > 0)
        {
            logger.LanguagesMissing(request.Id, string.Join('+', missing));
        }

        if (languages.Count == 0)
        {
            return OcrOutcome.Nothing(OcrWait.NoLanguage);
        }

        if (!request.MayTakeLong && _pageTime.Estimate(pending.Count, options.WorkerCount) > ocr.LongDocument)
        {
            return OcrOutcome.Nothing(OcrWait.LongDocument);
        }

        long started = time.GetTimestamp();
        int workers = request.LeavesRoom ? Math.Max(1, options.WorkerCount - 1) : options.WorkerCount;
        var run = new OcrRun((group, token) => AskOcrAsync(request, group, string.Join('+', languages), ocr, token), workers, options.MaxTextChars, IsLate) { MostTimedOut = request.MayTakeLong ? int.MaxValue : OcrRun.UsualMostTimedOut };
        var read = await run.ReadAsync(pending, stopping);
        if (IsBroken(run, read.Count))
        {
            return OcrOutcome.Nothing(OcrWait.NoProgram);
        }

        var wait = read.Values.Any(page => page.Fate == PageFate.PendingOcr) ? OcrWait.NoProgram
            : read.Count + run.Failures.Count < pending.Count ? OcrWait.LongDocument
            : OcrWait.None;
        bool hasSeen = read.Values.Any(page => page.Fate is PageFate.Text or PageFate.Wordless);
        return new OcrOutcome(read, run.Failures, run.Tools, wait) { MissingLanguages = hasSeen ? missing : [] };

        bool IsLate() => !request.MayTakeLong && time.GetElapsedTime(started) > MuchLonger * ocr.LongDocument;
    }

    private bool IsBroken(OcrRun run, int read)
    {
        if (read > 0)
        {
            Volatile.Write(ref _deadInRow, 0);
        }

        return read == 0 && run.Failures.Count > 0 && run.Failures.Values.All(failure => failure == OcrFailure.Crashed)
            && Interlocked.Increment(ref _deadInRow) >= DeadBeforeBroken;
    }

    private async Task<OcrTry> AskOcrAsync(
        ExtractionRequest request, OcrGroup group, string languages, OcrOptions ocr, CancellationToken stopping)
    {
        var line = WorkerRequest.Of(options, request.FilePath, request.Format) with
        {
            Ocr = new OcrTask(group.Pages, ocr.Programs.Tesseract, languages, ocr.Programs.PdfToPpm) { LooksOnce = group.LooksOnce },
        };
        var tried = await ask(request, line, group.IsFresh, stopping);
        if (tried.End is ReadingEnd.Answered { DeservesRetry: false } answered)
        {
            _pageTime.Note(tried.Elapsed, group.Pages.Count);
            return new OcrTry(tried.End, tried.Pages, tried.LastTurn, answered.Result.Tools);
        }

        logger.DocumentRetried(request.Id, tried.End.ToWords());
        return new OcrTry(tried.End, tried.Pages, tried.LastTurn, []) { IsSecondLook = tried.IsSecondLook };
    }
}
