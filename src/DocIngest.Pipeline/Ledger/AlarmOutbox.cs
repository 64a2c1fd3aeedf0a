using System.Data.Common;
using Dapper;

namespace DocIngest.Pipeline.Ledger;

/// <summary>What a recipient is to be told of one alarm.</summary>
/// <param name="Event"><see cref="AlarmOutbox.Raised"/>, <see cref="AlarmOutbox.Reminder"/> or <see cref="AlarmOutbox.Resolved"/>.</param>
/// <param name="Kind">The written form.</param>
/// <param name="Subject">What it is about.</param>
/// <param name="Since">When it was raised.</param>
/// <param name="ResolvedAt">When it ended; null while it stands.</param>
/// <param name="Count">How often its cause came.</param>
/// <param name="Text">The message of the alarm.</param>
public sealed record AlarmNotice(string Event, string Kind, string Subject, DateTimeOffset Since, DateTimeOffset? ResolvedAt, long Count, string Text);

/// <summary>A message that no recipient has accepted yet.</summary>
/// <param name="Id">The same each time it is sent.</param>
/// <param name="Recipient">As the routes name it.</param>
/// <param name="Made">When it was put together.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Problem">Why the last attempt failed; null before the first.</param>
/// <param name="Notices">What it tells.</param>
public sealed record AlarmMessage(string Id, string Recipient, DateTimeOffset Made, int Attempts, string? Problem, IReadOnlyList<AlarmNotice> Notices);

/// <summary>How many messages a recipient gets.</summary>
/// <param name="MaxAnHour">So many within an hour; those with a critical alarm are counted apart, so that no flood of others holds them up.</param>
/// <param name="RemindAfter">When a standing alarm is told again; zero for never.</param>
public sealed record AlarmPace(int MaxAnHour, TimeSpan RemindAfter);

/// <summary>
/// Messages about alarms on their way: at least once, each with an id by which a repeated one is known. One process writes here, that of the service.
/// </summary>
/// <remarks>
/// Crash points: 1 what is to be told is noted, in one transaction with that it was (before: the next round notes it); 2 notices are put together to a message with an
/// id (before: they wait); 3 it is sent; 4 it is marked as sent (between 3 and 4: it is sent once more, with the same id and words).
/// </remarks>
public static class AlarmOutbox
{
    /// <summary>An alarm began.</summary>
    public const string Raised = "raised";

    /// <summary>An alarm stands still.</summary>
    public const string Reminder = "reminder";

    /// <summary>An alarm that was told is over.</summary>
    public const string Resolved = "resolved";

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);   // messages that were sent, for whoever looks what went out

    /// <summary>What a recipient has not been told yet, or is to be told again.</summary>
    /// <param name="connection">Of the ledger.</param>
    /// <param name="recipient">As the routes name it.</param>
    /// <param name="wants">Whether a kind of alarm, in its written form, is for this recipient. One that was told is told to be over in any case.</param>
    /// <param name="pace">When to remind.</param>
    /// <param name="now">UTC.</param>
    public static IReadOnlyList<AlarmNotice> Untold(DbConnection connection, string recipient, Func<string, bool> wants, AlarmPace pace, DateTimeOffset now) =>
    [
        .. connection.Query<Told>(
                """
                SELECT a.kind AS kind, a.subject AS subject, a.since AS since, a.count AS count, a.message AS text, a.resolved AS resolved, t.since AS toldSince, t.told AS told
                FROM alarm a LEFT JOIN alarm_told t ON t.recipient = @recipient AND t.kind = a.kind AND t.subject = a.subject
                WHERE a.resolved IS NULL OR t.kind IS NOT NULL ORDER BY a.since, a.kind, a.subject
                """,
                new { recipient })
            .Select(row => (Row: row, Event: EventOf(row, wants, pace, now)))
            .Where(one => one.Event is not null)
            .Select(one => one.Row.ToNotice(one.Event ?? "")),
    ];

    private static string? EventOf(Told row, Func<string, bool> wants, AlarmPace pace, DateTimeOffset now)
    {
        if (row.resolved is not null)
        {
            return Resolved;   // only of those that were told
        }

        return !wants(row.kind) ? null
            : row.told is not { } told || row.toldSince != row.since ? Raised
            : pace.RemindAfter > TimeSpan.Zero && (now - At(told) >= pace.RemindAfter || IsAhead(told, now)) ? Reminder
            : null;
    }

    /// <summary>Puts notices where the next message takes them from (crash point 1). Of an alarm of which one waits already, the newer one stays: it says since when, and until when.</summary>
    public static void Note(DbTransaction transaction, string recipient, IReadOnlyList<AlarmNotice> notices, DateTimeOffset now)
    {
        var connection = transaction.OpenConnection();
        foreach (var notice in notices)
        {
            var row = new
            {
                recipient,
                notice.Event,
                notice.Kind,
                notice.Subject,
                since = Of(notice.Since),
                resolved = notice.ResolvedAt is { } at ? Of(at) : (long?)null,
                notice.Count,
                notice.Text,
                now = Of(now),
            };
            connection.Execute(
                """
                INSERT INTO alarm_notice (recipient, event, kind, subject, since, resolved, count, text)
                VALUES (@recipient, @Event, @Kind, @Subject, @since, @resolved, @Count, @Text)
                ON CONFLICT (recipient, kind, subject) WHERE message_id IS NULL
                DO UPDATE SET event = @Event, since = @since, resolved = @resolved, count = @Count, text = @Text
                """,
                row, transaction);
            connection.Execute(
                notice.Event == Resolved
                    ? "DELETE FROM alarm_told WHERE recipient = @recipient AND kind = @Kind AND subject = @Subject"
                    : """
                      INSERT INTO alarm_told (recipient, kind, subject, since, told) VALUES (@recipient, @Kind, @Subject, @since, @now)
                      ON CONFLICT DO UPDATE SET since = @since, told = @now
                      """,
                row, transaction);
        }
    }

    /// <summary>Whether notices of a recipient wait, and none of its messages is on its way.</summary>
    public static bool MayGather(DbConnection connection, string recipient, DbTransaction? transaction = null) => connection.ExecuteScalar<bool>(
        """
        SELECT EXISTS (SELECT 1 FROM alarm_notice WHERE recipient = @recipient AND message_id IS NULL)
        AND NOT EXISTS (SELECT 1 FROM alarm_message WHERE recipient = @recipient AND sent IS NULL)
        """,
        new { recipient }, transaction);

    /// <summary>Puts together what waits for a recipient to one message (crash point 2), unless one is on its way or the hour has had its share.</summary>
    /// <param name="transaction">The caller's.</param>
    /// <param name="recipient">As the routes name it.</param>
    /// <param name="id">Of the message.</param>
    /// <param name="isCritical">Whether a kind, in its written form, is critical.</param>
    /// <param name="pace">How many an hour.</param>
    /// <param name="now">UTC.</param>
    public static void Gather(DbTransaction transaction, string recipient, string id, Func<string, bool> isCritical, AlarmPace pace, DateTimeOffset now)
    {
        var connection = transaction.OpenConnection();
        if (!MayGather(connection, recipient, transaction))
        {
            return;
        }

        bool critical = connection.Query<string>("SELECT kind FROM alarm_notice WHERE recipient = @recipient AND message_id IS NULL", new { recipient }, transaction).Any(isCritical);
        var message = new { id, recipient, critical, now = Of(now), hourAgo = Of(now - Hour) };
        if (connection.ExecuteScalar<long>("SELECT count(*) FROM alarm_message WHERE recipient = @recipient AND is_critical = @critical AND sent BETWEEN @hourAgo AND @now", message, transaction) >= pace.MaxAnHour)
        {
            return;
        }

        connection.Execute(
            """
            INSERT INTO alarm_message (id, recipient, is_critical, made, next_attempt) VALUES (@id, @recipient, @critical, @now, @now);
            UPDATE alarm_notice SET message_id = @id WHERE recipient = @recipient AND message_id IS NULL;
            """,
            message, transaction);
    }

    /// <summary>Messages that are to be sent now; those too that a clock which was ahead has put off.</summary>
    public static IReadOnlyList<AlarmMessage> Due(DbConnection connection, DateTimeOffset now) =>
        Unsent(connection, "(next_attempt <= @now OR next_attempt > @tooFar)", new { now = Of(now), tooFar = Of(now + Hour) });

    /// <summary>Messages that nobody has accepted, whenever they are tried again; oldest first.</summary>
    public static IReadOnlyList<AlarmMessage> Undelivered(DbConnection connection) => Unsent(connection, "TRUE", null);

    private static List<AlarmMessage> Unsent(DbConnection connection, string where, object? parameters) =>
    [
        .. connection.Query<(string Id, string Recipient, long Made, long Attempts, string? Problem)>(
                $"SELECT id, recipient, made, attempts, problem FROM alarm_message WHERE sent IS NULL AND {where} ORDER BY made, id", parameters)
            .Select(row => new AlarmMessage(row.Id, row.Recipient, At(row.Made), (int)row.Attempts, row.Problem, NoticesOf(connection, row.Id))),
    ];

    private static List<AlarmNotice> NoticesOf(DbConnection connection, string id) =>
    [
        .. connection.Query<(string Event, string Kind, string Subject, long Since, long? Resolved, long Count, string Text)>(
                "SELECT event, kind, subject, since, resolved, count, text FROM alarm_notice WHERE message_id = @id ORDER BY since, seq", new { id })
            .Select(row => new AlarmNotice(row.Event, row.Kind, row.Subject, At(row.Since), row.Resolved is { } at ? At(at) : null, row.Count, row.Text)),
    ];

    /// <summary>A message was accepted (crash point 4).</summary>
    public static void MarkSent(DbTransaction transaction, string id, DateTimeOffset now) => transaction.OpenConnection().Execute(
        "UPDATE alarm_message SET sent = @now, attempts = attempts + 1, problem = NULL WHERE id = @id", new { id, now = Of(now) }, transaction);

    /// <summary>A message was not accepted, and is tried again.</summary>
    public static void MarkFailed(DbTransaction transaction, string id, string problem, DateTimeOffset next) => transaction.OpenConnection().Execute(
        "UPDATE alarm_message SET next_attempt = @next, attempts = attempts + 1, problem = @problem WHERE id = @id", new { id, problem, next = Of(next) }, transaction);

    /// <summary>Forgets whom no route names any more, and messages that were sent long ago.</summary>
    /// <returns>How many messages of former recipients were on their way.</returns>
    public static int Forget(DbTransaction transaction, IReadOnlyCollection<string> recipients, DateTimeOffset now)
    {
        var connection = transaction.OpenConnection();
        var row = new { recipients, old = Of(now - Kept) };
        int given = connection.ExecuteScalar<int>("SELECT count(*) FROM alarm_message WHERE sent IS NULL AND recipient NOT IN @recipients", row, transaction);
        connection.Execute(
            """
            DELETE FROM alarm_told WHERE recipient NOT IN @recipients;
            DELETE FROM alarm_notice WHERE recipient NOT IN @recipients OR message_id IN (SELECT id FROM alarm_message WHERE sent < @old);
            DELETE FROM alarm_message WHERE recipient NOT IN @recipients OR sent < @old;
            """,
            row, transaction);
        return given;
    }

    private static bool IsAhead(long told, DateTimeOffset now) => At(told) > now + Hour;

    private static long Of(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private static DateTimeOffset At(long time) => DateTimeOffset.FromUnixTimeMilliseconds(time);

    // The shape Dapper fills.
    private sealed class Told
    {
        public required string kind { get; init; }
        public required string subject { get; init; }
        public long since { get; init; }
        public long count { get; init; }
        public required string text { get; init; }
        public long? resolved { get; init; }
        public long? toldSince { get; init; }
        public long? told { get; init; }

        public AlarmNotice ToNotice(string @event) => new(@event, kind, subject, At(since), resolved is { } at ? At(at) : null, count, text);
    }
}
