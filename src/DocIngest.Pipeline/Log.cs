using DocIngest.Pipeline.Records;
using Microsoft.Extensions.Logging;

namespace DocIngest.Pipeline;

/// <summary>
/// Events 1000 to 1999 (docs/operations/events.md). Never a file name, a title, a text or a parser's message. Outcomes, alarms and text
/// statuses go in by their promised words, not as enums: log rules look for those.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1001, Level = LogLevel.Debug, Message = "Profile {Profile}: a file of {SizeBytes} bytes is seen and waits to settle")]
    internal static partial void ScanSeen(this ILogger logger, string profile, long sizeBytes);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Warning, Message = "Profile {Profile}: the drop folder cannot be read: {Reason}")]
    internal static partial void DropFolderUnreadable(this ILogger logger, string profile, string reason);

    [LoggerMessage(EventId = 1003, Level = LogLevel.Warning, Message = "Profile {Profile}: no change events ({ErrorType}); polling goes on alone")]
    internal static partial void ChangeEventsUnavailable(this ILogger logger, string profile, string errorType);

    [LoggerMessage(EventId = 1004, Level = LogLevel.Warning, Message = "Profile {Profile}: filed scans cannot be removed from the drop folder ({ErrorType})")]
    internal static partial void SourceStuck(this ILogger logger, string profile, string errorType);

    [LoggerMessage(EventId = 1005, Level = LogLevel.Information, Message = "Scan {ScanId} changed or went away while it was claimed; its claim is released")]
    internal static partial void ClaimReleased(this ILogger logger, RecordId scanId);

    [LoggerMessage(EventId = 1006, Level = LogLevel.Information, Message = "Scan {ScanId} {Outcome} as {RecordId} version {Version}: {SizeBytes} bytes, pages {PageCount}, text {TextStatus}")]
    internal static partial void ScanClosed(
        this ILogger logger, RecordId scanId, string outcome, RecordId? recordId, int? version, long sizeBytes, int? pageCount, string? textStatus);

    [LoggerMessage(EventId = 1007, Level = LogLevel.Warning, Message = "Scan {ScanId} quarantined ({SizeBytes} bytes): {Reason}")]
    internal static partial void ScanQuarantined(this ILogger logger, RecordId scanId, long sizeBytes, string reason);

    [LoggerMessage(EventId = 1008, Level = LogLevel.Warning, Message = "Scan {ScanId} could not go on and is tried again in {Delay}: {ErrorType}: {Reason}")]
    internal static partial void ScanDeferred(this ILogger logger, RecordId scanId, TimeSpan delay, string errorType, string reason);

    [LoggerMessage(EventId = 1009, Level = LogLevel.Error, Message = "Scan {ScanId} failed: {Reason}. Its file is where it was")]
    internal static partial void ScanFailed(this ILogger logger, RecordId scanId, string reason);

    [LoggerMessage(EventId = 1010, Level = LogLevel.Error, Message = "Alarm {Kind} for {Subject}: {AlarmMessage}")]
    internal static partial void AlarmRaised(this ILogger logger, string kind, string subject, string alarmMessage);

    [LoggerMessage(EventId = 1011, Level = LogLevel.Information, Message = "Alarm {Kind} for {Subject} is over")]
    internal static partial void AlarmResolved(this ILogger logger, string kind, string subject);

    [LoggerMessage(EventId = 1012, Level = LogLevel.Information, Message = "Recovery: {ScanCount} scans of {InstanceCount} ended processes are taken up")]
    internal static partial void RecoveryBegins(this ILogger logger, int scanCount, int instanceCount);

    [LoggerMessage(EventId = 1013, Level = LogLevel.Information, Message = "Recovery: scan {ScanId} {Action}")]
    internal static partial void ScanRecovered(this ILogger logger, RecordId scanId, string action);

    [LoggerMessage(EventId = 1014, Level = LogLevel.Warning, Message = "Scan {ScanId} brought late bytes: with them it became version {Version} of {RecordId}")]
    internal static partial void LateBytesFiled(this ILogger logger, RecordId scanId, RecordId recordId, int version);

    [LoggerMessage(EventId = 1015, Level = LogLevel.Warning, Message = "House-keeping is put off: {ErrorType}")]
    internal static partial void HouseKeepingDeferred(this ILogger logger, string errorType);

    [LoggerMessage(EventId = 1016, Level = LogLevel.Warning, Message = "Profile {Profile}: a file of the drop folder cannot be read: {ErrorType}. The others are taken in")]
    internal static partial void FileUnreadable(this ILogger logger, string profile, string errorType);

    [LoggerMessage(EventId = 1017, Level = LogLevel.Information, Message = "Record {RecordId} has a version {Version} that no scan brought: {RevisionReason}")]
    internal static partial void RecordRevised(this ILogger logger, RecordId recordId, int version, string revisionReason);

    [LoggerMessage(EventId = 1018, Level = LogLevel.Warning, Message = "Record {RecordId} waits for OCR and could not be read: {Reason}")]
    internal static partial void ReadingLaterFailed(this ILogger logger, RecordId recordId, string reason);

    [LoggerMessage(EventId = 1019, Level = LogLevel.Error, Message = "A system object of the archive is damaged: {Code} {ObjectPath}. What needs it is refused")]
    internal static partial void SystemObjectDamaged(this ILogger logger, string code, string objectPath);

    [LoggerMessage(EventId = 1030, Level = LogLevel.Error, Message = "The audit chain was broken ({Kind}) at entry {Seq}. It goes on behind a break; see 'docingest audit verify'")]
    internal static partial void AuditChainBroken(this ILogger logger, string kind, long seq);

    [LoggerMessage(EventId = 1031, Level = LogLevel.Information, Message = "Audit day {Day} is closed at entry {Seq}: {LineCount} entries")]
    internal static partial void AuditDayClosed(this ILogger logger, string day, long seq, long lineCount);

    // The name of a repository is the configuration's.
    [LoggerMessage(EventId = 1060, Level = LogLevel.Error, Message = "The backups in {Repository} know of entry {Seq} of the audit, which this machine has not: it was rolled back, or its audit replaced. Nothing is destroyed, forgotten or pruned; see 'docingest audit accept-rollback'")]
    internal static partial void AuditRolledBack(this ILogger logger, string repository, long seq);

    [LoggerMessage(EventId = 1061, Level = LogLevel.Information, Message = "Another key signs the days of the audit from {Day} on, handed over by the former: its certificate has the SHA-256 {Sha256}, that of the former {FormerSha256}")]
    internal static partial void AuditKeyRotated(this ILogger logger, string formerSha256, string sha256, string day);

    [LoggerMessage(EventId = 1062, Level = LogLevel.Error, Message = "The key that signs the days of the audit was gone, and another was drawn, which signs from {Day} on: its certificate has the SHA-256 {Sha256}, that of the former {FormerSha256}. 'docingest audit verify' tells of it until an auditor names the new certificate")]
    internal static partial void AuditKeyReplaced(this ILogger logger, string formerSha256, string sha256, string day);

    [LoggerMessage(EventId = 1063, Level = LogLevel.Information, Message = "The store's own protection follows retention and holds: of {ObjectCount} objects {RenewedCount} renewed, {RunningOutCount} let run out, {HeldCount} put under a hold there, {ReleasedCount} taken from under one, {FailedCount} could not be changed")]
    internal static partial void ArchiveProtected(this ILogger logger, int objectCount, int renewedCount, int runningOutCount, int heldCount, int releasedCount, int failedCount);

    // A store's answer, or the finding of a damaged register.
    [LoggerMessage(EventId = 1064, Level = LogLevel.Error, Message = "The store's own protection of the archive could not be brought up to date: {Reason}. It is tried again")]
    internal static partial void ArchiveNotProtected(this ILogger logger, string reason);

    // The reason names a file of the service.
    [LoggerMessage(EventId = 1065, Level = LogLevel.Error, Message = "{EventCount} events of sidecars were not recorded: {Reason} Their records are archived with the flag event-refused")]
    internal static partial void SidecarEventsUnavailable(this ILogger logger, int eventCount, string reason);

    [LoggerMessage(
        EventId = 1040, Level = LogLevel.Error,
        Message = "The archive was older than its destruction ledger: {DestroyedCount} records destroyed again, {KeptCount} came back and stay, {UndecidedCount} undecided, {UnprovenCount} dispositions not signed by this service, holds put back: {HoldsRestored}, {RecreatedCount} entries of the ledger written anew. See 'docingest retention replay'")]
    internal static partial void LedgerReplayed(this ILogger logger, int destroyedCount, int keptCount, int undecidedCount, int unprovenCount, bool holdsRestored, int recreatedCount);
}
