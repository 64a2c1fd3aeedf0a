using System.Data.Common;
using System.Text.Json;
using Dapper;
using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Ledger;

namespace DocIngest.Pipeline.Audit;

/// <summary>An event, and its number in the outbox where it comes from there.</summary>
internal readonly record struct OutboxRow(long? Number, AuditEvent Event);

/// <summary>
/// The rows of <c>audit_outbox</c>: acts that stand in the ledger and are to be recorded. They are written in the transaction of the act itself, so that none is
/// lost with a process; the chain says up to which number it has them.
/// </summary>
/// <remarks>Numbers are microseconds of the clock, or one more than the last: they go on upwards where an older copy of the database was restored, or a new one made.</remarks>
internal static class AuditOutbox
{
    // Rows that the chain has are of no use. Deleting them costs a transaction: not for each group.
    private const int Many = 2_000;

    /// <summary>Notes an act, in the act's own transaction.</summary>
    public static void Add(DbTransaction transaction, AuditEvent happened, DateTimeOffset now) =>
        transaction.OpenConnection().Execute(
            "INSERT INTO audit_outbox (number, event) VALUES (max(@now, coalesce((SELECT max(number) FROM audit_outbox), 0) + 1), @event)",
            new
            {
                now = now.ToUnixTimeMilliseconds() * 1000,
                @event = JsonSerializer.Serialize(happened with { Occurred = now }, AuditJson.Default.AuditEvent),
            }, transaction);

    /// <summary>Rows behind a number, oldest first.</summary>
    public static IReadOnlyList<OutboxRow> After(SqliteDatabase database, long number, int limit)
    {
        using var connection = database.OpenReader();
        return [.. connection.Query<(long Number, string Event)>(
                "SELECT number, event FROM audit_outbox WHERE number > @number ORDER BY number LIMIT @limit", new { number, limit })
            .Select(row => new OutboxRow(row.Number, Read(row.Event)))];
    }

    /// <summary>Deletes rows that the chain has, once there are many. The last one stays: numbers go on from it.</summary>
    public static async Task ForgetManyAsync(SqliteDatabase database, long upTo)
    {
        long count;
        using (var connection = database.OpenReader())
        {
            count = connection.ExecuteScalar<long>("SELECT count(*) FROM (SELECT 1 FROM audit_outbox WHERE number < @upTo LIMIT @Many)", new { upTo, Many });
        }

        if (count >= Many)
        {
            await database.WriteAsync(
                (connection, transaction) => connection.Execute("DELETE FROM audit_outbox WHERE number < @upTo", new { upTo }, transaction), CancellationToken.None);
        }
    }

    private static AuditEvent Read(string json) =>
        JsonSerializer.Deserialize(json, AuditJson.Default.AuditEvent) ?? throw new InvalidOperationException("An event of the outbox is null.");
}
