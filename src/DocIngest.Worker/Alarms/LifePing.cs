using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Ledger;
using DocIngest.Worker.Alarms.Ways;
using DocIngest.Worker.CommandLine;
using DocIngest.Worker.Configuration;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace DocIngest.Worker.Alarms;

/// <summary>Tells a dead man's switch elsewhere that the service lives and can read its catalog, or that a critical alarm stands. Its silence is the alarm.</summary>
internal sealed class LifePing(AlarmPingOptions options, string dataFolder, TimeProvider time, ILogger logger)
{
    private const string FailPath = "/fail";   // https://healthchecks.io/docs/signaling_failures

    private bool _isHeard = true;   // whether the last call was

    /// <summary>One beat: says how things stand. That it was not heard is logged, once until it is again.</summary>
    public async Task BeatAsync(SqliteDatabase database, CancellationToken stopping)
    {
        try
        {
            await CallAsync(IsWell(database), stopping);
            _isHeard = true;
        }
        catch (AlarmNotAcceptedException error)
        {
            if (_isHeard)
            {
                logger.LifeNotHeard(error.Reason);
            }

            _isHeard = false;
        }
    }

    /// <summary>One call.</summary>
    /// <exception cref="AlarmNotAcceptedException">It was not heard.</exception>
    public async Task CallAsync(bool isWell, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, await AddressAsync(isWell, cancellation));
        await WebCall.SendAsync(request, options.Timeout, time, cancellation);
    }

    private async Task<Uri> AddressAsync(bool isWell, CancellationToken cancellation)
    {
        try
        {
            if (isWell)
            {
                return await WebAddress.ReadAsync(options.Url, dataFolder, needsTls: false, cancellation);
            }

            if (options.FailUrl is { } fail)
            {
                return await WebAddress.ReadAsync(fail, dataFolder, needsTls: false, cancellation);
            }

            var address = new UriBuilder(await WebAddress.ReadAsync(options.Url, dataFolder, needsTls: false, cancellation));
            address.Path = address.Path.TrimEnd('/') + FailPath;
            return address.Uri;
        }
        catch (CommandException error)
        {
            throw new AlarmNotAcceptedException("The address of the dead man's switch cannot be had.", error.Message);
        }
    }

    private static bool IsWell(SqliteDatabase database)
    {
        try
        {
            using var connection = database.OpenReader();
            return AlarmTable.Standing(connection).All(alarm => AlarmAdvice.Of(alarm.Kind).Severity != AlarmSeverity.Critical);
        }
        catch (SqliteException)
        {
            return false;   // a service whose catalog cannot be read is not well
        }
    }
}
