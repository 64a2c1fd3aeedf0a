using System.Diagnostics;
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
    }

    /// <summary>How the worker that was started last is confined; null until the first has started.</summary>
    public WorkerConfinement? Confinement { get; private set; }

    /// <inheritdoc />
    public async Task<ExtractionResult> ExtractAsync(ExtractionRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _closing.Token);
        await _places.WaitAsync(stop.Token);
        try
        {
            var first = await TryAsync(request, fresh: false, stop.Token);
            if (!first.End.DeservesRetry)
            {
                return ResultBuilder.Build(first, request.Format);
            }

            _logger.DocumentRetried(request.Id, Word(first.End));
            var second = await TryAsync(request, fresh: true, stop.Token);
            if (second.End is ReadingEnd.Answered { Result.Fate: ReadingFate.Unopened })
            {
                throw new ExtractionUnavailableException("A fresh extraction worker could not open the copy of the scan.");
            }

            var kept = ReadingTry.Better(first, second);
            var result = ResultBuilder.Build(kept, request.Format);
            if (kept.End.DeservesRetry)
            {
                string status = result.TextStatus.ToWord();
                _logger.DocumentGivenUp(request.Id, status, result.Pages.Total - result.Pages.Failed, result.Pages.Total);
            }

            return result;
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

        _places.Dispose();
        _closing.Dispose();
    }

    private async Task<ReadingTry> TryAsync(ExtractionRequest request, bool fresh, CancellationToken cancellation)
    {
        var worker = (fresh ? null : TakeIdle()) ?? await StartAsync(cancellation);
        bool answered = false;
        try
        {
            using var reading = new DocumentReading(_options, _time);
            var end = await worker.ReadAsync(ToLine(request), reading, cancellation);
            answered = end is ReadingEnd.Answered;
            if (answered)
            {
                _backoff.NoteAnswer();
            }
            else if (end.DeservesRetry)
            {
                _backoff.NoteDeath();
            }

            return new ReadingTry(end, reading.TotalPages, reading.Pages, worker.Greeting);
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
            var worker = await WorkerProcess.StartAsync(_options, _time, _logger, cancellation);
            Welcome(worker);
            return worker;
        }
        catch (ExtractionUnavailableException)
        {
            _backoff.NoteDeath();
            throw;
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
