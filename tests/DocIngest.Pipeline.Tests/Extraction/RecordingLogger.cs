using System.Collections.Concurrent;
using DocIngest.Pipeline.Extraction;
using Microsoft.Extensions.Logging;

namespace DocIngest.Pipeline.Tests.Extraction;

/// <summary>Keeps every line, at every level.</summary>
internal sealed class RecordingLogger : ILogger<ExtractionWorkerPool>
{
    public ConcurrentQueue<(int EventId, string Text)> Lines { get; } = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue((eventId.Id, formatter(state, exception) + exception));
}
