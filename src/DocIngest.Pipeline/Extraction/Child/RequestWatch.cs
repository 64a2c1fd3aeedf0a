using System.Collections.Concurrent;
using System.Text.Json;

namespace DocIngest.Pipeline.Extraction.Child;

/// <summary>
/// A worker's ear on its parent: a thread that reads requests, and at the end of standard input - the parent closed it, or is
/// dead - ends the worker with all it started, even while a parser is busy. (A death signal would follow the parent's thread
/// that started the worker, not the parent.)
/// </summary>
internal sealed class RequestWatch : IDisposable
{
    private const int MaxRequestBytes = 64 * 1024;

    private readonly Stream _input;
    private readonly Action _endNow;
    private readonly BlockingCollection<WorkerRequest> _requests = [];
    private readonly Lock _gate = new();
    private bool _busy;     // under _gate
    private bool _ended;    // under _gate

    /// <summary>Starts to listen.</summary>
    /// <param name="input">Standard input.</param>
    /// <param name="endNow">Ends the process; called from the listening thread.</param>
    public RequestWatch(Stream input, Action endNow)
    {
        _input = input;
        _endNow = endNow;
        new Thread(Listen, 256 * 1024) { IsBackground = true, Name = "requests" }.Start();
    }

    /// <summary>Waits for the next request; asking for it says that the one before is done.</summary>
    /// <returns>Null: there are no more.</returns>
    public WorkerRequest? Next()
    {
        lock (_gate)
        {
            _busy = false;
            if (_ended)
            {
                return null;
            }
        }

        return _requests.TryTake(out var request, Timeout.Infinite) ? request : null;
    }

    public void Dispose() => _requests.Dispose();

    private void Listen()
    {
        try
        {
            using var lines = new LineReader(_input, MaxRequestBytes);
            while (lines.TryRead(out var line))
            {
                var request = JsonSerializer.Deserialize(line.Span, WorkerProtocol.Instance.WorkerRequest);
                lock (_gate)
                {
                    _busy = true;
                }

                _requests.Add(request ?? throw new JsonException("A request is an object."));
            }
        }
        catch (Exception error) when (error is IOException or JsonException or InvalidDataException)
        {
            // A parent that breaks off, or talks nonsense, is no parent any more.
        }

        bool busy;
        lock (_gate)
        {
            _ended = true;
            busy = _busy;
        }

        if (busy)
        {
            _endNow();
        }

        _requests.CompleteAdding();
    }
}
