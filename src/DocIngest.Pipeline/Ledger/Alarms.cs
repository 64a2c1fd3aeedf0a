using System.Collections.Concurrent;
using System.Threading.Channels;
using DocIngest.Pipeline.Database;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace DocIngest.Pipeline.Ledger;

/// <summary>Raises and ends alarms, writing to the ledger only when something changes.</summary>
internal sealed class Alarms(SqliteDatabase database, TimeProvider time, ILogger logger)
{
    // Other processes raise and end alarms too: what the ledger said is believed for this long.
    private static readonly TimeSpan Belief = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<(AlarmKind Kind, string Subject), (bool Stands, long At)> _known = new();
    private readonly Channel<bool> _changed =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Waits until this process has begun or ended an alarm since the last call. One caller only.</summary>
    public async Task WaitForChangeAsync(CancellationToken cancellation) => await _changed.Reader.ReadAsync(cancellation);

    /// <summary>Raises an alarm unless it stands.</summary>
    /// <param name="kind">What is wrong.</param>
    /// <param name="subject">A profile name or scan id; never a file name.</param>
    /// <param name="message">What to do, in plain words.</param>
    /// <param name="cancellation">Ends the wait for the ledger.</param>
    /// <param name="whereCatalogFails">True where the ledger itself may be what fails: then the log alone has the alarm.</param>
    /// <returns>Whether it was raised now.</returns>
    public async Task<bool> RaiseAsync(
        AlarmKind kind, string subject, string message, CancellationToken cancellation, bool whereCatalogFails = false)
    {
        try
        {
            if (Stands(kind, subject))
            {
                return false;
            }

            await database.WriteAsync(
                (_, transaction) =>
                {
                    AlarmTable.Raise(transaction, kind, subject, message, time.GetUtcNow());
                    return true;
                },
                cancellation);
            Note(kind, subject, stands: true);
        }
        catch (SqliteException) when (whereCatalogFails)
        {
            // The log has it; the next attempt of what failed raises it again.
        }

        string word = kind.ToWord();
        logger.AlarmRaised(word, subject, message);
        return true;
    }

    /// <summary>Ends an alarm where it stands.</summary>
    public async Task ResolveAsync(AlarmKind kind, string subject, CancellationToken cancellation)
    {
        if (!Stands(kind, subject))
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
        Note(kind, subject, stands: false);
        string word = kind.ToWord();
        logger.AlarmResolved(word, subject);
    }

    /// <summary>Raises or ends an alarm as <paramref name="stands"/> says.</summary>
    public Task SetAsync(
        AlarmKind kind, string subject, bool stands, string message, CancellationToken cancellation, bool whereCatalogFails = false) =>
        stands ? RaiseAsync(kind, subject, message, cancellation, whereCatalogFails) : ResolveAsync(kind, subject, cancellation);

    private bool Stands(AlarmKind kind, string subject)
    {
        if (_known.TryGetValue((kind, subject), out var known) && time.GetElapsedTime(known.At) < Belief)
        {
            return known.Stands;
        }

        using var connection = database.OpenReader();
        bool stands = AlarmTable.Stands(connection, kind, subject);
        _known[(kind, subject)] = (stands, time.GetTimestamp());
        return stands;
    }

    private void Note(AlarmKind kind, string subject, bool stands)
    {
        _known[(kind, subject)] = (stands, time.GetTimestamp());
        _changed.Writer.TryWrite(true);
    }
}
