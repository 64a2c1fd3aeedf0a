using DocIngest.Pipeline.Records;
using Microsoft.Extensions.Logging;

namespace DocIngest.Pipeline.Extraction;

/// <summary>What extraction says: ids 1300 to 1319. Never a word of what a document or a parser said.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1300, Level = LogLevel.Debug, Message = "Extraction worker {ProcessId} started (confined: {IsConfined})")]
    internal static partial void WorkerStarted(this ILogger logger, int processId, bool isConfined);

    [LoggerMessage(EventId = 1301, Level = LogLevel.Warning,
        Message = "Extraction workers are not confined: this system offers no Landlock. A hostile document could read what the service account can read")]
    internal static partial void WorkersNotConfined(this ILogger logger);

    [LoggerMessage(EventId = 1302, Level = LogLevel.Warning, Message = "Scan {ScanId} is read again in a fresh worker: {Cause}")]
    internal static partial void DocumentRetried(this ILogger logger, RecordId scanId, string cause);

    [LoggerMessage(EventId = 1303, Level = LogLevel.Warning,
        Message = "Scan {ScanId} could not be read whole ({TextStatus}): {PageCount} of {TotalPageCount} pages were kept")]
    internal static partial void DocumentGivenUp(
        this ILogger logger, RecordId scanId, string textStatus, int pageCount, int totalPageCount);

    [LoggerMessage(EventId = 1307, Level = LogLevel.Warning,
        Message = "Scan {ScanId} asks for languages that tesseract does not have here: {Languages}. Install their packs, for example tesseract-ocr-deu")]
    internal static partial void LanguagesMissing(this ILogger logger, RecordId scanId, string languages);

    [LoggerMessage(EventId = 1304, Level = LogLevel.Debug,
        Message = "Extraction worker {ProcessId} replaced after {DocumentCount} documents ({PrivateBytes} bytes private)")]
    internal static partial void WorkerRecycled(this ILogger logger, int processId, int documentCount, long privateBytes);

    [LoggerMessage(EventId = 1305, Level = LogLevel.Warning,
        Message = "Extraction workers die one after another; the next is started in {Delay}. Events 1302 and, at level Debug, 1306 say how")]
    internal static partial void WorkersKeepDying(this ILogger logger, TimeSpan delay);

    [LoggerMessage(EventId = 1306, Level = LogLevel.Debug,
        Message = "Extraction worker {ProcessId} ended (exit code {ExitCode}, {Way}; {ErrorBytes} bytes of error output)")]
    internal static partial void WorkerDied(this ILogger logger, int processId, int? exitCode, string? way, long errorBytes);
}
