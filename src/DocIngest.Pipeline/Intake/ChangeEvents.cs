using System.Threading.Channels;
using DocIngest.Pipeline.Scans;
using Microsoft.Extensions.Logging;

namespace DocIngest.Pipeline.Intake;

/// <summary>
/// Change events of a drop folder, reduced to "look again". They may be lost, doubled or never come: the poll interval is the
/// upper bound of every wait.
/// </summary>
internal sealed class ChangeEvents : IDisposable
{
    // A storm of events must not turn into a storm of looks: at most one look in five is work caused by events.
    private const int RestFactor = 4;
    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(100);

    private readonly DropFolder _folder;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<bool> _changed =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private FileSystemWatcher? _watcher;   // only the watching loop, and Dispose after it

    private ChangeEvents(DropFolder folder, TimeProvider time, ILogger logger)
    {
        _folder = folder;
        _time = time;
        _logger = logger;
    }

    /// <summary>Starts listening where the profile wants it and the system allows it.</summary>
    public static ChangeEvents Start(DropFolder folder, TimeProvider time, ILogger logger)
    {
        var events = new ChangeEvents(folder, time, logger);
        events.Listen();
        return events;
    }

    /// <summary>Waits until something changed, or <paramref name="atMost"/>; always long enough that looking is a small part of the time.</summary>
    public async Task WaitAsync(TimeSpan atMost, TimeSpan lastLookTook, CancellationToken stopping)
    {
        await DelayAsync(RestAfter(lastLookTook), stopping);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var timer = _time.CreateTimer(
            static state => ((CancellationTokenSource)state!).Cancel(), timeout, atMost > TimeSpan.Zero ? atMost : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        try
        {
            await _changed.Reader.ReadAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            // The poll interval has passed, or we are stopping: the caller tells which by its token.
        }

        if (_watcher is { EnableRaisingEvents: false })
        {
            Listen();   // it had failed: overflow, folder gone, share unmounted
        }
    }

    public void Dispose() => _watcher?.Dispose();

    // Never much longer than the poll interval, which is the promise; after a look that takes longer still, half of the time.
    private TimeSpan RestAfter(TimeSpan look)
    {
        var longest = look > _folder.Profile.PollInterval ? look : _folder.Profile.PollInterval;
        var rest = look * RestFactor;
        return rest < ShortestRest ? ShortestRest : rest < longest ? rest : longest;
    }

    private async Task DelayAsync(TimeSpan delay, CancellationToken stopping)
    {
        try
        {
            await Task.Delay(delay, _time, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopping: the caller's loop ends.
        }
    }

    private void Listen()
    {
        _watcher?.Dispose();
        _watcher = null;
        if (_folder.Profile.Watch == WatchMode.Polling)
        {
            return;
        }

        try
        {
            var watcher = new FileSystemWatcher(_folder.AbsolutePath)
            {
                IncludeSubdirectories = _folder.Profile.Subfolders,
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size,
            };
            watcher.Created += (_, _) => _changed.Writer.TryWrite(true);
            watcher.Changed += (_, _) => _changed.Writer.TryWrite(true);
            watcher.Renamed += (_, _) => _changed.Writer.TryWrite(true);
            watcher.Error += (_, _) =>
            {
                // Overflow or failure: dotnet/runtime#81226 says that events may never come again. Stop; the loop listens anew.
                watcher.EnableRaisingEvents = false;
                _changed.Writer.TryWrite(true);
            };
            watcher.EnableRaisingEvents = true;
            _watcher = watcher;
        }
        catch (Exception error) when (error is IOException or ArgumentException or UnauthorizedAccessException)
        {
            // No inotify instance left, or no folder yet: polling goes on alone.
            _logger.ChangeEventsUnavailable(_folder.Profile.Name, error.GetType().Name);
        }
    }
}
