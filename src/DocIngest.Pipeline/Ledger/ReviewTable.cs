using System.Data.Common;
using Dapper;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Ledger;

/// <summary>One reason why a person should look at a record.</summary>
public sealed record ReviewItem(
    RecordId RecordId, string Code, int Version, DateTimeOffset Since, string? ConfirmedBy, DateTimeOffset? ConfirmedAt);

/// <summary>The rows of <c>review</c>: what <c>qc</c> lists. A rebuild adds missing items and keeps people's decisions.</summary>
public static class ReviewTable
{
    /// <summary>Codes for which a version waits: flags of intake (those of rules only catch the eye), and its text status unless that is good or will be mended by OCR.</summary>
    public static IEnumerable<string> CodesFor(RecordDocument record)
    {
        if (record.Withdrawn is not null)
        {
            yield break;   // it is out of use: nobody need look
        }

        if (record.TextStatus is not (TextStatus.Complete or TextStatus.None or TextStatus.PendingOcr))
        {
            yield return record.TextStatus.ToWord();
        }

        foreach (string flag in record.Flags.Where(RecordFlag.IsOfIntake))
        {
            yield return flag;
        }
    }

    /// <summary>
    /// Makes the items of a record those of its new head, which has those flags of earlier ones that must not go unseen (<see cref="RecordFlag.OutlastsReading"/>,
    /// <see cref="RecordFlag.OutlastsScan"/>). What a person settled stays settled while the record's decisions say so, and returns when a later version has
    /// the same fault without them.
    /// </summary>
    public static void Put(DbTransaction transaction, RecordDocument record, int version, DateTimeOffset since)
    {
        string id = record.Id.ToBareString();
        var decisions = record.Decisions.SelectMany(decision => decision.Settles.Select(code => (code, decision)))
            .GroupBy(pair => pair.code).ToDictionary(pairs => pairs.Key, pairs => pairs.Last().decision);
        string[] wanted = [.. CodesFor(record).Union(decisions.Keys)];
        transaction.OpenConnection().Execute(
            "DELETE FROM review WHERE record_id = @id AND confirmed_at IS NULL AND version < @version AND code NOT IN @wanted",
            new { id, version, wanted }, transaction);
        foreach (string code in wanted)
        {
            var decision = decisions.GetValueOrDefault(code);
            transaction.OpenConnection().Execute(
                """
                INSERT INTO review (record_id, code, version, since, confirmed_by, confirmed_at) VALUES (@id, @code, @version, @since, @by, @at)
                ON CONFLICT DO UPDATE SET version = @version, since = iif(@at IS NULL, @since, since), confirmed_by = @by, confirmed_at = @at
                    WHERE version < @version
                """,
                new
                {
                    id, code, version, since = since.ToUnixTimeMilliseconds(), by = decision?.By, at = decision?.At.ToUnixTimeMilliseconds(),
                }, transaction);
        }
    }

    /// <summary>Items of one record, or all that wait, oldest first.</summary>
    public static IEnumerable<ReviewItem> List(DbConnection connection, RecordId? record = null) =>
        connection.Query<(string Id, string Code, int Version, long Since, string? ConfirmedBy, long? ConfirmedAt)>(
                $"""
                SELECT record_id, code, version, since, confirmed_by, confirmed_at FROM review
                WHERE {(record is null ? "confirmed_at IS NULL" : "record_id = @id")} ORDER BY since, record_id, code
                """,
                new { id = record?.ToBareString() }, buffered: false)
            .Select(row => new ReviewItem(
                RecordId.Parse(row.Id), row.Code, row.Version, DateTimeOffset.FromUnixTimeMilliseconds(row.Since),
                row.ConfirmedBy, row.ConfirmedAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null));

    /// <summary>The codes for which a record waits.</summary>
    public static IReadOnlyList<string> Waiting(DbTransaction transaction, RecordId record) =>
        [.. transaction.OpenConnection().Query<string>(
            "SELECT code FROM review WHERE record_id = @id AND confirmed_at IS NULL ORDER BY code", new { id = record.ToBareString() }, transaction)];

    /// <summary>The records that wait for a reason, with their profiles, oldest first.</summary>
    public static IReadOnlyList<(RecordId Id, string Profile)> WaitingFor(DbConnection connection, string code) =>
        [.. connection.Query<(string Id, string Profile)>(
                "SELECT r.record_id, h.profile FROM review r JOIN head h ON h.record_id = r.record_id WHERE r.confirmed_at IS NULL AND r.code = @code ORDER BY r.since, r.record_id",
                new { code })
            .Select(row => (RecordId.Parse(row.Id), row.Profile))];

    /// <summary>Whether some record of a profile waits for a reason.</summary>
    public static bool Waits(DbConnection connection, string code, string profile) => connection.ExecuteScalar<bool>(
        """
        SELECT EXISTS (SELECT 1 FROM review r JOIN head h ON h.record_id = r.record_id
                       WHERE r.confirmed_at IS NULL AND r.code = @code AND h.profile = @profile)
        """,
        new { code, profile });
}
