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
}
