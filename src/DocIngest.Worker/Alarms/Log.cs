using Microsoft.Extensions.Logging;

namespace DocIngest.Worker.Alarms;

/// <summary>Events 5100 to 5119 (docs/operations/events.md). Never an address of a person, nor of a webhook, which may be a secret.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 5100, Level = LogLevel.Error, Message = "Alarm {Kind} for {Subject}: {AlarmMessage}")]
    internal static partial void CheckRaisedAlarm(this ILogger logger, string kind, string subject, string alarmMessage);

    [LoggerMessage(EventId = 5101, Level = LogLevel.Information, Message = "Alarm {Kind} for {Subject} is over")]
    internal static partial void CheckEndedAlarm(this ILogger logger, string kind, string subject);

    [LoggerMessage(EventId = 5102, Level = LogLevel.Information, Message = "Message {MessageId} with {NoticeCount} notices of alarms was accepted by {Way} at attempt {Attempt}")]
    internal static partial void AlarmSent(this ILogger logger, string messageId, string way, int noticeCount, int attempt);

    [LoggerMessage(EventId = 5103, Level = LogLevel.Warning, Message = "Message {MessageId} about alarms was not accepted by {Way}: {Reason} It is tried again")]
    internal static partial void AlarmNotAccepted(this ILogger logger, string messageId, string way, string reason);

    [LoggerMessage(EventId = 5104, Level = LogLevel.Warning, Message = "{MessageCount} messages about alarms are given up: no route names their recipients any more")]
    internal static partial void AlarmMessagesGivenUp(this ILogger logger, int messageCount);

    [LoggerMessage(EventId = 5105, Level = LogLevel.Warning, Message = "The dead man's switch was not reached: {Reason} It is called again")]
    internal static partial void LifeNotHeard(this ILogger logger, string reason);

    [LoggerMessage(EventId = 5106, Level = LogLevel.Warning, Message = "Alarms: {What} could not be looked after: {Reason}. It is tried again")]
    internal static partial void AlarmRoundFailed(this ILogger logger, string what, string reason);
}
