using System.Collections.Concurrent;
using DocIngest.Pipeline.Database;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace DocIngest.Pipeline.Ledger;

/// <summary>Raises and ends alarms, writing to the ledger only when something changes.</summary>
internal sealed class Alarms(SqliteDatabase database, TimeProvider time, ILogger logger)
{
    // Alarms this process has raised or resolved; what it has not met it asks the ledger for once.
    private readonly ConcurrentDictionary<(AlarmKind Kind, string Subject), bool> _standing = new();

    /// <summary>Raises an alarm unless this process knows that it stands.</summary>
    /// <param name="kind">What is wrong.</param>
    /// <param name="subject">A profile name or scan id; never a file name.</param>
    /// <param name="message">What to do, in plain words.</param>
    /// <param name="cancellation">Ends the wait for the ledger.</param>
    /// <param name="whereCatalogFails">True where the ledger itself may be what fails: then the log alone has the alarm.</param>
    public async Task RaiseAsync(
        AlarmKind kind, string subject, string message, CancellationToken cancellation, bool whereCatalogFails = false)
    {
        if (_standing.TryGetValue((kind, subject), out bool stands) && stands)
        {
            return;
        }

        logger.AlarmRaised(kind, subject, message);
        try
        {
            await database.WriteAsync(
                (_, transaction) =>
                {
                    AlarmTable.Raise(transaction, kind, subject, message, time.GetUtcNow());
                    return true;
                },
                cancellation);
            _standing[(kind, subject)] = true;
        }
        catch (SqliteException) when (whereCatalogFails)
        {
            // The log has it; the next attempt of what failed raises it again.
        }
    }

    /// <summary>Ends an alarm unless this process knows that none stands.</summary>
    public async Task ResolveAsync(AlarmKind kind, string subject, CancellationToken cancellation)
    {
        if (_standing.TryGetValue((kind, subject), out bool stands) && !stands)
        {
            return;
        }

        await database.WriteAsync(
            (_, transaction) =>
            {
                AlarmTable.Resolve(transaction, kind, subject, time.GetUtcNow());
                return true;
            },
            cancellation);
        _standing[(kind, subject)] = false;
        if (stands)
        {
            logger.AlarmResolved(kind, subject);
        }
    }

    /// <summary>Raises or ends an alarm as <paramref name="stands"/> says.</summary>
    public Task SetAsync(AlarmKind kind, string subject, bool stands, string message, CancellationToken cancellation) =>
        stands ? RaiseAsync(kind, subject, message, cancellation) : ResolveAsync(kind, subject, cancellation);
}
