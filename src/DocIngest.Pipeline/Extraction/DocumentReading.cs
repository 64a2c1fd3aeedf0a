using DocIngest.Pipeline.Extraction.BarCodes;
using DocIngest.Pipeline.Extraction.Cleaning;
using DocIngest.Pipeline.Extraction.Ocr;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction;

/// <summary>
/// One try at one document, seen from the parent: gathers what the worker sends, believes none of it, and keeps the time. Pages
/// that came before an end of any kind are kept.
/// </summary>
internal sealed class DocumentReading : IDisposable
{
    private readonly IReadOnlyList<int>? _asked;
    private readonly bool _isForBarCodes;
    private readonly ExtractionOptions _options;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource<ReadingEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();

    // Under _gate.
    private readonly List<WorkerPage> _pages = [];
    private readonly ITimer _timer;
    private readonly long _started;
    private TimeGrant _grant;
    private long _grantStarted;
    private long _textChars;
    private bool _begun;
    private bool _opened;
    private bool _isExternal;
    private bool _over;

    /// <summary>Starts the clock.</summary>
    /// <param name="options">Limits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="asked">
    /// The pages to be read by OCR, or for bar codes, ascending; none where a file is to be made, of which the worker says nothing but how it ended; null where
    /// the document itself is read.
    /// </param>
    /// <param name="isForBarCodes">Bar codes are asked for, and nothing else is taken.</param>
    public DocumentReading(ExtractionOptions options, TimeProvider time, IReadOnlyList<int>? asked = null, bool isForBarCodes = false)
    {
        _asked = asked;
        _isForBarCodes = isForBarCodes;
        _options = options;
        _time = time;
        _started = time.GetTimestamp();
        _timer = time.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        lock (_gate)
        {
            Grant(asked is [] ? TimeLimitKind.Rendition : TimeLimitKind.Stall);
        }
    }

    /// <summary>Waits for its end.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled; the reading goes on.</exception>
    public async Task<ReadingEnd> WaitAsync(CancellationToken cancellation) => await _ended.Task.WaitAsync(cancellation);

    /// <summary>Pages the document says it has; 0 until known.</summary>
    public int TotalPages { get; private set; }

    /// <summary>The page that OCR had in hand last; 0 for none. To be looked at once it has ended.</summary>
    public int LastTurn { get; private set; }

    /// <summary>Whether OCR had read that page already, and looked once more.</summary>
    public bool IsSecondLook { get; private set; }

    /// <summary>Pages read so far, in the order of their numbers. To be looked at once it has ended.</summary>
    public IReadOnlyList<WorkerPage> Pages => _pages;

    /// <summary>Takes a line from the worker.</summary>
    /// <returns>False where the worker is not to be trusted with anything more.</returns>
    public bool Accept(WorkerMessage message)
    {
        lock (_gate)
        {
            if (_over)
            {
                return false;
            }

            var end = Judge(message);
            if (end is not null)
            {
                Finish(end);
            }

            return end is null or ReadingEnd.Answered;
        }
    }

    /// <summary>Ends it from outside; the first end counts.</summary>
    public void End(ReadingEnd end)
    {
        lock (_gate)
        {
            Finish(end);
        }
    }

    /// <summary>Ends it as one that reached the time limit it has now: the worker took nothing of its request for that long.</summary>
    public void EndStalled()
    {
        lock (_gate)
        {
            Finish(new ReadingEnd.TimedOut(_grant));
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _over = true;
            _timer.Dispose();
        }
    }

    /// <returns>The end this line brings, or null: go on.</returns>
    private ReadingEnd? Judge(WorkerMessage message) => message switch
    {
        { Begun: { } begun } => Begin(begun),
        { Opened: { } opened } when _asked is null => Open(opened),
        { Page: { } page } => Keep(page),
        { Turn: { } number } when _asked is not null => TurnTo(number, _asked, isSecondLook: false),
        { Again: { } number } when _asked is not null && !_isForBarCodes => TurnTo(number, _asked, isSecondLook: true),
        { External: { } external } when _asked is not [] => Pause(external),
        { Result: { } result } => Conclude(result),
        _ => Nonsense,
    };

    private static ReadingEnd.Crashed Nonsense { get; } = new("its answer made no sense");

    private ReadingEnd.Crashed? Begin(bool begun)
    {
        if (_begun || _opened || !begun)
        {
            return Nonsense;
        }

        _begun = true;
        return null;
    }

    private ReadingEnd.Crashed? Open(WorkerOpened opened)
    {
        if (_opened || opened.Pages < 0)
        {
            return Nonsense;
        }

        _opened = true;
        TotalPages = opened.Pages;
        Grant(TimeLimitKind.Stall);
        return null;
    }

    private ReadingEnd? Keep(WorkerPage page)
    {
        if (!IsNext(page) || !IsOfItsKind(page) || !Enum.IsDefined(page.Fate) || !Enum.IsDefined(page.Source) || !PlainText.IsClean(page.Text)
            || page.Text.Length > _options.MaxPageTextChars || (page.Source == TextSource.Ocr) != (page.Ocr is not null)
            || (page is { Fate: PageFate.OcrDied or PageFate.TooLarge } && (_asked is null || _isForBarCodes || page.Ocr is not null))
            || (page.OcrReason is { } reason && (_asked is not null || !Enum.IsDefined(reason))) || (page.Ocr is { } ocr && !OcrBounds.Hold(ocr, page.Text)))
        {
            return Nonsense;
        }

        if (page.Number > _options.MaxPages)
        {
            return new ReadingEnd.Excess(ReadingFate.TooManyPages);
        }

        _textChars += page.Text.Length;
        if (_textChars > _options.MaxTextChars)
        {
            return new ReadingEnd.Excess(ReadingFate.TooMuchText);
        }

        _pages.Add(page);
        if (!_isExternal)
        {
            Grant(TimeLimitKind.Stall);
        }

        return null;
    }

    // Codes where they are asked for and were read, and nowhere else.
    private bool IsOfItsKind(WorkerPage page) => _isForBarCodes
        ? page is { Text: "", Ocr: null, Fate: PageFate.Text, BarCodes: { } codes } ? BarCodeBounds.Hold(codes)
            : page is { Text: "", Ocr: null, BarCodes: null, Fate: PageFate.PendingOcr or PageFate.Failed }
        : page.BarCodes is null;

    // In order and once each, within what was announced or asked: whoever counts them can rely on it.
    private bool IsNext(WorkerPage page) => _asked is { } asked
        ? _begun && _pages.Count < asked.Count && page.Number == asked[_pages.Count] && page.Source != TextSource.Layer
        : _opened && page.Number == _pages.Count + 1 && page.Number <= TotalPages && page.Source != TextSource.Ocr;

    private ReadingEnd.Crashed? TurnTo(int number, IReadOnlyList<int> asked, bool isSecondLook)
    {
        if (!_begun || !asked.Contains(number))
        {
            return Nonsense;
        }

        LastTurn = number;
        IsSecondLook = isSecondLook;
        Grant(TimeLimitKind.OcrPage);
        return null;
    }

    private ReadingEnd.Crashed? Pause(WorkerExternal external)
    {
        if (_isExternal == external.Begins)
        {
            return Nonsense;
        }

        _isExternal = external.Begins;
        Grant(_isExternal ? TimeLimitKind.ExternalCall : TimeLimitKind.Stall);
        return null;
    }

    private ReadingEnd Conclude(WorkerResult result)
    {
        bool plausible = Enum.IsDefined(result.Fate) && !_isExternal && result.Fate switch
        {
            ReadingFate.Read when _asked is { } asked => _pages.Count == asked.Count,
            ReadingFate.Read => _opened && _pages.Count == TotalPages,
            ReadingFate.Unopened => !_begun && !_opened,
            _ => true,
        };
        return plausible ? new ReadingEnd.Answered(result) : Nonsense;
    }

    private void Grant(TimeLimitKind kind)
    {
        var requested = kind switch
        {
            TimeLimitKind.ExternalCall => _options.ExternalCallLimit,
            TimeLimitKind.OcrPage when _options.Ocr is { } ocr => ocr.PageLimit,
            TimeLimitKind.Rendition when _options.Ocr is { } ocr => ocr.RenditionLimit,
            _ => _options.StallLimit,
        };
        var remaining = _options.DocumentLimit - _time.GetElapsedTime(_started);
        _grant = TimeGrant.Of(kind, requested, remaining);
        _grantStarted = _time.GetTimestamp();
        Arm(_grant.Granted);
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            if (_over)
            {
                return;
            }

            // The grant may have been renewed while this callback was on its way.
            var left = _grant.Granted - _time.GetElapsedTime(_grantStarted);
            if (left > TimeSpan.Zero)
            {
                Arm(left);
                return;
            }

            Finish(new ReadingEnd.TimedOut(_grant));
        }
    }

    // Whole milliseconds, rounded up: a timer that fires early would only fire again.
    private void Arm(TimeSpan due) =>
        _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(due.TotalMilliseconds)), Timeout.InfiniteTimeSpan);

    private void Finish(ReadingEnd end)
    {
        if (!_over)
        {
            _over = true;
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _ended.TrySetResult(end);
        }
    }
}
