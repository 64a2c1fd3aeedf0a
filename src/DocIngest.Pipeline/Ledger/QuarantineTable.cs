using System.Data.Common;
using Dapper;
using DocIngest.Archive;
using DocIngest.Pipeline.Records;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Ledger;

/// <summary>A quarantined scan.</summary>
/// <param name="Reason">Why it is no document; null once it was archived.</param>
/// <param name="RecordId">The record it became after all.</param>
/// <param name="Decision">What a person decided; null while it waits.</param>
public sealed record QuarantineItem(
    RecordId ScanId, string Code, DateTimeOffset Since, string Profile, string FileName, long SizeBytes, string? Reason,
    RecordId? RecordId, QuarantineDecision? Decision);

/// <summary>What a person decided about a quarantined scan: <c>retried</c>, <c>accepted</c> or <c>discarded</c>.</summary>
public sealed record QuarantineDecision(string Word, string By, DateTimeOffset At, string? Reason);

/// <summary>The rows of <c>quarantine</c>. The bytes lie in <c>quarantine/&lt;scan id&gt;/</c>.</summary>
public static class QuarantineTable
{
    /// <summary>Notes a quarantined scan; one that comes back after a decision waits again.</summary>
    public static void Put(DbTransaction transaction, RecordId scan, string code, DateTimeOffset since) =>
        transaction.OpenConnection().Execute(
            "INSERT INTO quarantine (scan_id, code, since) VALUES (@id, @code, @since) ON CONFLICT DO UPDATE SET code = @code, decision = NULL",
            new { id = scan.ToBareString(), code, since = since.ToUnixTimeMilliseconds() }, transaction);

    /// <summary>Scans that wait for a decision, oldest first.</summary>
    public static IEnumerable<QuarantineItem> List(DbConnection connection) => Items(connection, "q.decision IS NULL");

    /// <summary>Every scan that was ever quarantined, decided or not, oldest first.</summary>
    public static IEnumerable<QuarantineItem> All(DbConnection connection) => Items(connection, "TRUE");

    /// <summary>One scan, decided or not; null where it was never quarantined.</summary>
    public static QuarantineItem? Find(DbConnection connection, RecordId scan) =>
        Items(connection, "q.scan_id = @id", new { id = scan.ToBareString() }).SingleOrDefault();

    /// <summary>
    /// The earlier scan of exactly this file, with these bytes, that waits for a decision; null where none does, or where the claim
    /// is itself one of a file taken in again from quarantine.
    /// </summary>
    public static RecordId? FindWaiting(DbTransaction transaction, Claim claim, Sha512Digest digest) =>
        transaction.OpenConnection().QuerySingleOrDefault<string?>(
            """
            SELECT q.scan_id FROM quarantine q JOIN scan s ON s.id = q.scan_id
            WHERE s.file_id = @fileId AND s.size_bytes = @size AND s.write_time_ns = @time AND s.source = @source AND s.sha512 = @sha512
            AND s.profile = @profile AND s.outcome = 'quarantined' AND q.decision IS NULL
            AND NOT EXISTS (SELECT 1 FROM quarantine WHERE scan_id = @id) ORDER BY s.seq LIMIT 1
            """,
            new
            {
                id = claim.Id.ToBareString(),
                fileId = claim.Stamp.FileId,
                size = claim.Stamp.SizeBytes,
                time = claim.Stamp.WriteTimeNanoseconds,
                source = RawName.ToBytes(claim.SourcePath),
                sha512 = digest.Hex,
                profile = claim.Profile,
            }, transaction) is { } id ? Records.RecordId.Parse(id) : null;

    /// <summary>How many wait for a decision, and how many were discarded.</summary>
    public static (long Waiting, long Discarded) Count(DbConnection connection) =>
        connection.QuerySingle<(long, long)>("SELECT coalesce(sum(decision IS NULL), 0), coalesce(sum(decision = 'discarded'), 0) FROM quarantine");

    /// <summary>How many came after a time and wait for a decision.</summary>
    public static long CountSince(DbConnection connection, DateTimeOffset after) => connection.ExecuteScalar<long>(
        "SELECT count(*) FROM quarantine WHERE decision IS NULL AND since > @after", new { after = after.ToUnixTimeMilliseconds() });

    /// <summary>Notes a person's decision.</summary>
    /// <returns>False where it was decided before. Nothing changed then.</returns>
    public static bool Decide(DbTransaction transaction, RecordId scan, string decision, string actor, string? reason, DateTimeOffset now) =>
        transaction.OpenConnection().Execute(
            """
            UPDATE quarantine SET decision = @decision, decided_by = @actor, decided_at = @now, reason = @reason
            WHERE scan_id = @id AND decision IS NULL
            """,
            new { id = scan.ToBareString(), decision, actor, reason, now = now.ToUnixTimeMilliseconds() }, transaction) == 1;

    private static IEnumerable<QuarantineItem> Items(DbConnection connection, string where, object? parameters = null) =>
        connection.Query<Row>(
                $"""
                SELECT q.scan_id AS scanId, q.code, q.since, s.profile, s.file_name AS fileName, s.size_bytes AS sizeBytes, s.reason,
                       s.record_id AS recordId, q.decision, q.decided_by AS decidedBy, q.decided_at AS decidedAt, q.reason AS decisionReason
                FROM quarantine q JOIN scan s ON s.id = q.scan_id
                WHERE {where} ORDER BY q.since, q.scan_id
                """,
                parameters, buffered: false)
            .Select(row => row.ToItem());

    // The shape Dapper fills.
    private sealed class Row
    {
        public required string scanId { get; init; }
        public required string code { get; init; }
        public long since { get; init; }
        public required string profile { get; init; }
        public required string fileName { get; init; }
        public long sizeBytes { get; init; }
        public string? reason { get; init; }
        public string? recordId { get; init; }
        public string? decision { get; init; }
        public string? decidedBy { get; init; }
        public long decidedAt { get; init; }
        public string? decisionReason { get; init; }

        public QuarantineItem ToItem() => new(
            Records.RecordId.Parse(scanId), code, DateTimeOffset.FromUnixTimeMilliseconds(since), profile, fileName, sizeBytes, reason,
            recordId is null ? null : Records.RecordId.Parse(recordId),
            decision is null ? null : new QuarantineDecision(
                decision, decidedBy ?? "", DateTimeOffset.FromUnixTimeMilliseconds(decidedAt), decisionReason));
    }
}
