using DocIngest.Pipeline.Records;
using Microsoft.Extensions.Logging;

namespace DocIngest.Worker.Hosting;

/// <summary>Events 5000 to 5999 (docs/operations/events.md).</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 5001, Level = LogLevel.Information, Message = "DocIngest {Version} serves the data folder {DataFolder}; {ProfileCount} drop folders")]
    internal static partial void ServiceStarted(this ILogger logger, string version, string dataFolder, int profileCount);

    [LoggerMessage(EventId = 5002, Level = LogLevel.Information, Message = "DocIngest stopped; open claims are taken up at the next start")]
    internal static partial void ServiceStopped(this ILogger logger);

    [LoggerMessage(EventId = 5003, Level = LogLevel.Critical, Message = "DocIngest stops: {ErrorTrace}")]
    internal static partial void ServiceFailed(this ILogger logger, string errorTrace);

    // A folder that the configuration names is no personal data.
    [LoggerMessage(EventId = 5004, Level = LogLevel.Information, Message = "Profile {Profile} takes scans from {DropFolder}")]
    internal static partial void DropFolderWatched(this ILogger logger, string profile, string dropFolder);

    // Who and why are in the ledger, under access control.
    [LoggerMessage(EventId = 5005, Level = LogLevel.Information, Message = "Quarantined scan {ScanId} was {Decision} by a person")]
    internal static partial void QuarantineDecided(this ILogger logger, RecordId scanId, string decision);

    [LoggerMessage(EventId = 5006, Level = LogLevel.Error, Message = "Deleting is stopped: backups know of a later audit than this machine has. See 'docingest status' and 'docingest audit accept-rollback'; scans are taken in all the same")]
    internal static partial void RolledBack(this ILogger logger);

    // A repository as the configuration names it, and what its store says.
    [LoggerMessage(EventId = 5007, Level = LogLevel.Warning, Message = "Whether this machine was rolled back could not be compared: {Reason}. It is tried again")]
    internal static partial void RollbackUnknown(this ILogger logger, string reason);

    [LoggerMessage(EventId = 5008, Level = LogLevel.Information, Message = "The audit goes on from what {RepositoryCount} backup repositories know of it")]
    internal static partial void NotRolledBack(this ILogger logger, int repositoryCount);

    [LoggerMessage(EventId = 5009, Level = LogLevel.Warning, Message = "Whether the configuration differs from that of the last start could not be told: {ErrorType}")]
    internal static partial void ConfigurationNotCompared(this ILogger logger, string errorType);

    [LoggerMessage(EventId = 5010, Level = LogLevel.Warning, Message = "What killed drills and other runs have left could not be settled: {Reason}. The next run does it")]
    internal static partial void RunsNotSettled(this ILogger logger, string reason);

    // The name of a job is the admin's.
    [LoggerMessage(EventId = 5011, Level = LogLevel.Information, Message = "Job {Job} began as run {Run}")]
    internal static partial void JobBegan(this ILogger logger, string job, long run);

    [LoggerMessage(EventId = 5012, Level = LogLevel.Information, Message = "Job {Job}, run {Run}, ended well: {Result}")]
    internal static partial void JobEndedWell(this ILogger logger, string job, long run, string result);

    [LoggerMessage(EventId = 5013, Level = LogLevel.Warning, Message = "Job {Job} is at work still: this time is left out")]
    internal static partial void JobAtWorkAlready(this ILogger logger, string job);

    [LoggerMessage(EventId = 5014, Level = LogLevel.Error, Message = "Job {Job} could not be run: {Reason}")]
    internal static partial void JobNotRun(this ILogger logger, string job, string reason);

    [LoggerMessage(EventId = 5015, Level = LogLevel.Warning, Message = "The alarms of jobs could not be brought up to date: {ErrorType}. It is tried again")]
    internal static partial void JobAlarmsNotWritten(this ILogger logger, string errorType);

    [LoggerMessage(EventId = 5016, Level = LogLevel.Error, Message = "Jobs do not run: {Reason}. It is tried again")]
    internal static partial void JobsNotStarted(this ILogger logger, string reason);

    [LoggerMessage(EventId = 5017, Level = LogLevel.Warning, Message = "Job {Job}, run {Run}, did not end well: {Result}. See 'docingest job history'")]
    internal static partial void JobEndedNotWell(this ILogger logger, string job, long run, string result);
}
