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
}
