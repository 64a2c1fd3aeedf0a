using System.Data.Common;
using Dapper;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Ledger;

/// <summary>One reason why a person should look at a record.</summary>
public sealed record ReviewItem(
    RecordId RecordId, string Code, int Version, DateTimeOffset Since, string? AssignedTo, string? ConfirmedBy, DateTimeOffset? ConfirmedAt);

/// <summary>The rows of <c>review</c>: what <c>qc</c> lists. A rebuild adds missing items and keeps people's decisions.</summary>
public static class ReviewTable
{
    /// <summary>Codes for which a version waits: flags of intake (those of rules only catch the eye), and its text status unless that is good or will be mended by OCR.</summary>
    public static IEnumerable<string> CodesFor(RecordDocument record)
    {
        if (record.TextStatus is not (TextStatus.Complete or TextStatus.None or TextStatus.PendingOcr))
        {
            yield return record.TextStatus.ToWord();
        }

        foreach (string flag in record.Flags.Where(RecordFlag.IsOfIntake))
        {
            yield return flag;
        }
    }

    /// <summary>Makes the items of a record those of its new head. A confirmed item returns when a later version has the same fault.</summary>
    public static void Put(DbTransaction transaction, RecordId record, int version, IEnumerable<string> codes, DateTimeOffset since)
    {
        string id = record.ToBareString();
        string[] wanted = [.. codes];
        transaction.OpenConnection().Execute(
            "DELETE FROM review WHERE record_id = @id AND confirmed_at IS NULL AND version < @version AND code NOT IN @wanted",
            new { id, version, wanted }, transaction);
        foreach (string code in wanted)
        {
            transaction.OpenConnection().Execute(
                """
                INSERT INTO review (record_id, code, version, since) VALUES (@id, @code, @version, @since)
                ON CONFLICT DO UPDATE SET version = @version, since = @since, confirmed_by = NULL, confirmed_at = NULL
                    WHERE version < @version
                """,
                new { id, code, version, since = since.ToUnixTimeMilliseconds() }, transaction);
        }
    }

    /// <summary>Items of one record, or all that wait, oldest first.</summary>
    public static IEnumerable<ReviewItem> List(DbConnection connection, RecordId? record = null) =>
        connection.Query<(string Id, string Code, int Version, long Since, string? AssignedTo, string? ConfirmedBy, long? ConfirmedAt)>(
                $"""
                SELECT record_id, code, version, since, assigned_to, confirmed_by, confirmed_at FROM review
                WHERE {(record is null ? "confirmed_at IS NULL" : "record_id = @id")} ORDER BY since, record_id, code
                """,
                new { id = record?.ToBareString() }, buffered: false)
            .Select(row => new ReviewItem(
                RecordId.Parse(row.Id), row.Code, row.Version, DateTimeOffset.FromUnixTimeMilliseconds(row.Since), row.AssignedTo,
                row.ConfirmedBy, row.ConfirmedAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null));

    /// <summary>Whether some record of a profile waits for a reason.</summary>
    public static bool Waits(DbConnection connection, string code, string profile) => connection.ExecuteScalar<bool>(
        """
        SELECT EXISTS (SELECT 1 FROM review r JOIN head h ON h.record_id = r.record_id
                       WHERE r.confirmed_at IS NULL AND r.code = @code AND h.profile = @profile)
        """,
        new { code, profile });

    /// <summary>Notes that a person has looked at all waiting items of a record.</summary>
    /// <returns>How many items were settled.</returns>
    public static int Confirm(DbTransaction transaction, RecordId record, string actor, DateTimeOffset now) =>
        transaction.OpenConnection().Execute(
            "UPDATE review SET confirmed_by = @actor, confirmed_at = @now WHERE record_id = @id AND confirmed_at IS NULL",
            new { id = record.ToBareString(), actor, now = now.ToUnixTimeMilliseconds() }, transaction);

    /// <summary>Gives the waiting items of a record to a person.</summary>
    /// <returns>How many items were given.</returns>
    public static int Assign(DbTransaction transaction, RecordId record, string to) =>
        transaction.OpenConnection().Execute(
            "UPDATE review SET assigned_to = @to WHERE record_id = @id AND confirmed_at IS NULL",
            new { id = record.ToBareString(), to }, transaction);
}
