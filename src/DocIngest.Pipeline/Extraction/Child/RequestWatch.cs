using System.Text.Json;

namespace DocIngest.Pipeline.Extraction.Child;

/// <summary>
/// A worker's ear on its parent: a thread that reads requests, and at the end of standard input - the parent closed it, or is
/// dead - ends the worker with all it started, even while a parser is busy. (A death signal would follow the parent's thread
/// that started the worker, not the parent.)
/// </summary>
internal sealed class RequestWatch
{
    private const int MaxRequestBytes = 64 * 1024;

    private readonly Stream _input;
    private readonly Action _endNow;
    private readonly object _gate = new();   // a monitor: the reader waits in it
    private readonly Queue<WorkerRequest> _waiting = new();   // under _gate
    private bool _isReading;                 // under _gate: one was given to the reader, and it has not come back
    private bool _ended;                     // under _gate

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
            _isReading = false;
            while (_waiting.Count == 0 && !_ended)
            {
                Monitor.Wait(_gate);
            }

            if (_ended)
            {
                return null;
            }

            _isReading = true;
            return _waiting.Dequeue();
        }
    }

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
                    _waiting.Enqueue(request ?? throw new JsonException("A request is an object."));
                    Monitor.Pulse(_gate);
                }
            }
        }
        catch (Exception error) when (error is IOException or JsonException or InvalidDataException)
        {
            // A parent that breaks off, or talks nonsense, is no parent any more.
        }

        bool isBusy;
        lock (_gate)
        {
            _ended = true;
            isBusy = _isReading || _waiting.Count > 0;
            Monitor.Pulse(_gate);
        }

        if (isBusy)
        {
            _endNow();
        }
    }
}
