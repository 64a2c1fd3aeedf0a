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
/// <param name="ask">Has one group read. True: by a fresh worker.</param>
/// <param name="workers">Groups read at the same time.</param>
internal sealed class OcrRun(Func<IReadOnlyList<int>, bool, CancellationToken, Task<OcrTry>> ask, int workers)
{
    // Loading models takes 0.1 s of two for a page; more pages to a group gain nothing, and leave a worker idle at the end.
    private const int LargestGroup = 6;

    private readonly Lock _gate = new();

    // Under _gate.
    private readonly Queue<IReadOnlyList<int>> _again = new();
    private readonly Queue<int> _waiting = new();
    private readonly Dictionary<int, WorkerPage> _read = [];
    private readonly Dictionary<int, OcrFailure> _failures = [];
    private readonly Dictionary<int, int> _deaths = [];

    /// <summary>Tools that took part.</summary>
    public IReadOnlyList<Records.ToolVersion> Tools { get; private set; } = [];

    /// <summary>Pages that were not read, and why.</summary>
    public IReadOnlyDictionary<int, OcrFailure> Failures => _failures;

    /// <summary>Reads pages.</summary>
    /// <returns>What came, by number. What is in neither this nor <see cref="Failures"/> is not there.</returns>
    public async Task<IReadOnlyDictionary<int, WorkerPage>> ReadAsync(IReadOnlyList<int> pages, CancellationToken cancellation)
    {
        foreach (int page in pages)
        {
            _waiting.Enqueue(page);
        }

        await Task.WhenAll(Enumerable.Range(0, Math.Min(workers, pages.Count)).Select(_ => WorkAsync(cancellation)));
        return _read;
    }

    private async Task WorkAsync(CancellationToken cancellation)
    {
        while (TakeGroup() is var (group, isFresh))
        {
            Note(group, await ask(group, isFresh, cancellation));
        }
    }

    private (IReadOnlyList<int> Pages, bool IsFresh)? TakeGroup()
    {
        lock (_gate)
        {
            if (_again.TryDequeue(out var again))
            {
                return (again, true);
            }

            int count = Math.Clamp(_waiting.Count / (2 * workers), 1, LargestGroup);
            var group = new List<int>();
            while (group.Count < count && _waiting.TryDequeue(out int page))
            {
                group.Add(page);
            }

            return group.Count > 0 ? (group, false) : null;
        }
    }

    private void Note(IReadOnlyList<int> group, OcrTry answer)
    {
        lock (_gate)
        {
            Tools = answer.Tools.Count > 0 ? answer.Tools : Tools;
            foreach (var page in answer.Pages)
            {
                _read[page.Number] = page;
            }

            var open = group.Where(page => !_read.ContainsKey(page)).ToList();
            if (open.Count == 0)
            {
                return;
            }

            int blamed = open.Contains(answer.LastTurn) ? answer.LastTurn : open[0];
            if (Judge(blamed, answer.End) is { } failure)
            {
                _failures[blamed] = failure;
            }
            else
            {
                _again.Enqueue([blamed]);
            }

            open.Remove(blamed);
            if (open.Count > 0)
            {
                _again.Enqueue(open);
            }
        }
    }

    // Time is the page's own; a worker may also die of what it read before.
    private OcrFailure? Judge(int page, ReadingEnd end)
    {
        if (end is ReadingEnd.TimedOut)
        {
            return OcrFailure.TimedOut;
        }

        _deaths[page] = _deaths.GetValueOrDefault(page) + 1;
        return _deaths[page] > 1 ? OcrFailure.Crashed : null;
    }
}

/// <summary>What one try at a group of pages left.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Pages">Pages that came.</param>
/// <param name="LastTurn">The page in hand at the end; 0 for none.</param>
/// <param name="Tools">Tools that took part; empty where it did not end well.</param>
internal sealed record OcrTry(ReadingEnd End, IReadOnlyList<WorkerPage> Pages, int LastTurn, IReadOnlyList<Records.ToolVersion> Tools);
