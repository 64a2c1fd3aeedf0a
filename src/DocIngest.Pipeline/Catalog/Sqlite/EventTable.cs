using System.Data.Common;
using Dapper;

namespace DocIngest.Pipeline.Catalog;

/// <summary>
/// The rows of <c>event_subject</c>, <c>event_dates</c> and <c>event_days</c>. An object is marked before it is written and its dates are put after: whoever dies between leaves
/// the mark, and nobody trusts dates that are marked. Every method works inside the caller's transaction.
/// </summary>
internal static class EventTable
{
    /// <summary>Objects that hold events of a patient or case, oldest row first.</summary>
    public static IReadOnlyList<string> ObjectsOf(DbConnection connection, string kind, string number) =>
        [.. connection.Query<string>("SELECT object FROM event_subject WHERE number = @number AND kind = @kind ORDER BY id", new { kind, number })];

    /// <summary>Objects whose writer died.</summary>
    public static IReadOnlyList<string> Marked(DbConnection connection) =>
        [.. connection.Query<string>("SELECT object FROM event_subject WHERE is_writing = 1 ORDER BY id")];

    /// <summary>Marks an object that is about to be written.</summary>
    public static void Mark(DbTransaction transaction, string name, string kind, string number) => Connection(transaction).Execute(
        """
        INSERT INTO event_subject (object, kind, number, version, is_writing) VALUES (@name, @kind, @number, 0, 1)
        ON CONFLICT (object) DO UPDATE SET is_writing = 1, is_stale = 0
        """,
        new { name, kind, number }, transaction);

    /// <summary>Takes a mark away where no object came of it.</summary>
    public static void Forget(DbTransaction transaction, string name) =>
        Connection(transaction).Execute("DELETE FROM event_subject WHERE object = @name", new { name }, transaction);

    /// <summary>Puts the dates of an object, unless those of a newer version are held.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="name">The object.</param>
    /// <param name="kind">Its subject's.</param>
    /// <param name="number">Its subject's.</param>
    /// <param name="version">Its version.</param>
    /// <param name="dates">By kind.</param>
    /// <param name="days">All of which those are the first and last.</param>
    /// <param name="isWriter">Whether its writer puts them, whose mark ends with this; a rebuild leaves marks alone.</param>
    public static void Put(
        DbTransaction transaction, string name, string kind, string number, int version, IEnumerable<EventDates> dates, IEnumerable<EventDay> days, bool isWriter)
    {
        var connection = Connection(transaction);
        long? subject = connection.ExecuteScalar<long?>(
            """
            INSERT INTO event_subject (object, kind, number, version) VALUES (@name, @kind, @number, @version)
            ON CONFLICT (object) DO UPDATE SET kind = @kind, number = @number, version = @version, is_stale = 0, is_writing = is_writing AND NOT @isWriter
                WHERE version <= @version OR is_stale
            RETURNING id
            """,
            new { name, kind, number, version, isWriter }, transaction);
        if (subject is null)
        {
            return;
        }

        connection.Execute("DELETE FROM event_dates WHERE subject = @subject", new { subject }, transaction);
        foreach (var date in dates)
        {
            connection.Execute(
                "INSERT INTO event_dates (subject, kind, first, last, first_entry, last_entry) VALUES (@subject, @kind, @first, @last, @firstEntry, @lastEntry)",
                new { subject, kind = date.Kind, first = date.First.DayNumber, last = date.Last.DayNumber, firstEntry = date.FirstEntry, lastEntry = date.LastEntry },
                transaction);
        }

        connection.Execute("DELETE FROM event_days WHERE subject = @subject", new { subject }, transaction);
        foreach (var day in days)
        {
            connection.Execute(
                "INSERT OR IGNORE INTO event_days (subject, kind, day) VALUES (@subject, @kind, @day)", new { subject, kind = day.Kind, day = day.Date.DayNumber }, transaction);
        }
    }

    /// <summary>For the begin of a rebuild: what it does not meet in the archive will be forgotten.</summary>
    public static void MakeStale(DbTransaction transaction) => Connection(transaction).Execute("UPDATE event_subject SET is_stale = 1", null, transaction);

    /// <summary>For the end of a rebuild. What is marked stays: its writer, or the next one, knows what became of it.</summary>
    public static void ForgetStale(DbTransaction transaction) => Connection(transaction).Execute("DELETE FROM event_subject WHERE is_stale = 1 AND is_writing = 0", null, transaction);

    private static DbConnection Connection(DbTransaction transaction) =>
        transaction.Connection ?? throw new InvalidOperationException("The transaction has ended.");
}
