namespace DocIngest.Pipeline.Extraction.Ocr;

/// <summary>Why a page was not read by OCR.</summary>
internal enum OcrFailure
{
    /// <summary>It took longer than a page may.</summary>
    TimedOut,

    /// <summary>Workers died on it, twice.</summary>
    Crashed,
}

/// <summary>
/// Has pages of one document read by OCR, in small groups on all workers at once. Whatever happens to a worker is the doing of the
/// page it had in hand: the others of its group are given to another.
/// </summary>
/// <param name="ask">Has one group read.</param>
/// <param name="workers">Groups read at the same time.</param>
/// <param name="maxTextChars">Characters of all pages together; a page with which it would be more has failed.</param>
/// <param name="isLate">Whether it has taken so long that the pages not yet begun have to wait.</param>
internal sealed class OcrRun(Func<OcrGroup, CancellationToken, Task<OcrTry>> ask, int workers, long maxTextChars, Func<bool> isLate)
{
    // Loading models takes 0.1 s of two for a page; more pages to a group gain nothing, and leave a worker idle at the end.
    private const int LargestGroup = 6;

    /// <summary>Pages of a document that may use up their time while other documents wait.</summary>
    public const int UsualMostTimedOut = 3;

    private readonly Lock _gate = new();

    // Under _gate.
    private readonly Queue<OcrGroup> _again = new();
    private readonly Queue<int> _waiting = new();
    private readonly Dictionary<int, WorkerPage> _read = [];
    private readonly Dictionary<int, OcrFailure> _failures = [];
    private readonly Dictionary<int, int> _deaths = [];
    private long _characters;
    private long _words;
    private bool _isOver;

    /// <summary>Pages that may use up their time; after so many the others wait.</summary>
    public int MostTimedOut { get; init; } = int.MaxValue;

    /// <summary>Tools that took part.</summary>
    public IReadOnlyList<Records.ToolVersion> Tools { get; private set; } = [];

    /// <summary>Pages that were not read, and why.</summary>
    public IReadOnlyDictionary<int, OcrFailure> Failures => _failures;

    /// <summary>Reads pages.</summary>
    /// <returns>What came, by number. What is in neither this nor <see cref="Failures"/> was left for later.</returns>
    public async Task<IReadOnlyDictionary<int, WorkerPage>> ReadAsync(IReadOnlyList<int> pages, CancellationToken cancellation)
    {
        foreach (int page in pages)
        {
            _waiting.Enqueue(page);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await EndTogether.RunAsync([.. Enumerable.Range(0, Math.Min(workers, pages.Count)).Select(_ => WorkAsync(stop.Token))], stop);
        return _read;
    }

    private async Task WorkAsync(CancellationToken cancellation)
    {
        while (TakeGroup() is { } group)
        {
            Note(group, await ask(group, cancellation));
        }
    }

    private OcrGroup? TakeGroup()
    {
        lock (_gate)
        {
            if (_isOver |= isLate() || _failures.Values.Count(failure => failure == OcrFailure.TimedOut) >= MostTimedOut)
            {
                return null;
            }

            if (_again.TryDequeue(out var again))
            {
                return again;
            }

            int count = Math.Clamp(_waiting.Count / (2 * workers), 1, LargestGroup);
            var group = new List<int>();
            while (group.Count < count && _waiting.TryDequeue(out int page))
            {
                group.Add(page);
            }

            return group.Count > 0 ? new OcrGroup(group, IsFresh: false) : null;
        }
    }

    private void Note(OcrGroup group, OcrTry answer)
    {
        lock (_gate)
        {
            Tools = answer.Tools.Count > 0 ? answer.Tools : Tools;
            foreach (var page in answer.Pages.Where(page => page.Fate != PageFate.OcrDied))
            {
                _read[page.Number] = WithinBounds(page);
            }

            var dead = answer.Pages.Where(page => page.Fate == PageFate.OcrDied).Select(page => page.Number).ToList();
            dead.ForEach(page => GiveAgain(page, NoteDeath(page) ? OcrFailure.Crashed : null, group));
            var open = group.Pages.Except(dead).Where(page => !_read.ContainsKey(page)).ToList();
            if (open.Count == 0)
            {
                return;
            }

            int blamed = open.Contains(answer.LastTurn) ? answer.LastTurn : open[0];
            if (answer.IsSecondLook && answer.LastTurn == blamed && !group.LooksOnce)
            {
                _again.Enqueue(new OcrGroup([blamed], IsFresh: true) { LooksOnce = true });   // what the first look read is worth more than nothing
            }
            else
            {
                GiveAgain(blamed, Judge(blamed, answer.End, hasBegun: answer.LastTurn == blamed), group);
            }

            open.Remove(blamed);
            if (open.Count > 0)
            {
                _again.Enqueue(new OcrGroup(open, IsFresh: true));
            }
        }
    }

    private void GiveAgain(int page, OcrFailure? unless, OcrGroup group)
    {
        if (unless is { } failure)
        {
            _failures[page] = failure;
        }
        else
        {
            _again.Enqueue(new OcrGroup([page], IsFresh: true) { LooksOnce = group.LooksOnce });
        }
    }

    /// <summary>Whatever workers send, a document's words stay within what a record can hold and be read again.</summary>
    private WorkerPage WithinBounds(WorkerPage page)
    {
        _characters += page.Text.Length;
        if (_characters > maxTextChars)
        {
            return new WorkerPage(page.Number, PageFate.Failed, "", Records.TextSource.None);
        }

        _words += page.Ocr?.Layout.Words.Count ?? 0;
        return _words > OcrBounds.MaxDocumentWords && page.Ocr is { } ocr ? page with { Ocr = ocr with { Layout = ocr.Layout with { Words = [] } } } : page;
    }

    // The page's own time has run out: that is its doing. The group's, or a worker's life: only if it happens again.
    private OcrFailure? Judge(int page, ReadingEnd end, bool hasBegun)
    {
        var late = end as ReadingEnd.TimedOut;
        if (late is not null && hasBegun && late.Grant.Granted >= late.Grant.Requested)
        {
            return OcrFailure.TimedOut;
        }

        return !NoteDeath(page) ? null : late is null ? OcrFailure.Crashed : OcrFailure.TimedOut;
    }

    /// <summary>Whether it was not the first.</summary>
    private bool NoteDeath(int page)
    {
        _deaths[page] = _deaths.GetValueOrDefault(page) + 1;
        return _deaths[page] > 1;
    }
}

/// <summary>Pages that one worker is asked for at once.</summary>
/// <param name="Pages">Their numbers, ascending.</param>
/// <param name="IsFresh">Whether only a fresh worker will do.</param>
internal sealed record OcrGroup(IReadOnlyList<int> Pages, bool IsFresh)
{
    /// <summary>Whether what the first look reads stands: a second one was the end of a worker.</summary>
    public bool LooksOnce { get; init; }
}

/// <summary>What one try at a group of pages left.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Pages">Pages that came.</param>
/// <param name="LastTurn">The page in hand at the end; 0 for none.</param>
/// <param name="Tools">Tools that took part; empty where it did not end well.</param>
internal sealed record OcrTry(ReadingEnd End, IReadOnlyList<WorkerPage> Pages, int LastTurn, IReadOnlyList<Records.ToolVersion> Tools)
{
    /// <summary>Whether that page had been read already, and was looked at once more.</summary>
    public bool IsSecondLook { get; init; }
}
