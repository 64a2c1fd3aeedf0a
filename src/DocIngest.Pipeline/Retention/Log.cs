using Microsoft.Extensions.Logging;

namespace DocIngest.Pipeline.Retention;

/// <summary>Events 1020 to 1029. Names of objects are keyed digests: they say nothing about a person.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1020, Level = LogLevel.Information,
        Message = "Events of {LineCount} lines: {AddedCount} recorded, {KnownCount} known before, {RefusedCount} refused")]
    internal static partial void EventsImported(this ILogger logger, int lineCount, int addedCount, int knownCount, int refusedCount);

    [LoggerMessage(EventId = 1021, Level = LogLevel.Error, Message = "The events in {ObjectName} cannot be read. Records that depend on them are kept")]
    internal static partial void EventsUnreadable(this ILogger logger, string objectName);

    [LoggerMessage(EventId = 1022, Level = LogLevel.Information, Message = "Recovery: events in {ObjectCount} objects are taken up that a dead process was writing")]
    internal static partial void EventsTakenUp(this ILogger logger, int objectCount);
}
