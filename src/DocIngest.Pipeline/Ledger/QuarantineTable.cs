using System.Data.Common;
using Dapper;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Ledger;

/// <summary>A quarantined scan.</summary>
public sealed record QuarantineItem(
    RecordId ScanId, string Code, DateTimeOffset Since, string Profile, string FileName, long SizeBytes, string? Reason,
    string? Decision, string? DecidedBy);

/// <summary>The rows of <c>quarantine</c>. The bytes lie in <c>quarantine/&lt;scan id&gt;/</c>.</summary>
public static class QuarantineTable
{
    /// <summary>Notes a quarantined scan; one that comes back after a decision waits again.</summary>
    public static void Put(DbTransaction transaction, RecordId scan, string code, DateTimeOffset since) =>
        transaction.OpenConnection().Execute(
            "INSERT INTO quarantine (scan_id, code, since) VALUES (@id, @code, @since) ON CONFLICT DO UPDATE SET code = @code, decision = NULL",
            new { id = scan.ToBareString(), code, since = since.ToUnixTimeMilliseconds() }, transaction);

    /// <summary>Scans that wait for a decision, oldest first; or one scan whatever its state.</summary>
    public static IEnumerable<QuarantineItem> List(DbConnection connection, RecordId? scan = null) =>
        connection.Query<(string Id, string Code, long Since, string Profile, string FileName, long Size, string? Reason, string? Decision, string? By)>(
                $"""
                SELECT q.scan_id, q.code, q.since, s.profile, s.file_name, s.size_bytes, s.reason, q.decision, q.decided_by
                FROM quarantine q JOIN scan s ON s.id = q.scan_id
                WHERE {(scan is null ? "q.decision IS NULL" : "q.scan_id = @id")} ORDER BY q.since, q.scan_id
                """,
                new { id = scan?.ToBareString() }, buffered: false)
            .Select(row => new QuarantineItem(
                RecordId.Parse(row.Id), row.Code, DateTimeOffset.FromUnixTimeMilliseconds(row.Since), row.Profile, row.FileName,
                row.Size, row.Reason, row.Decision, row.By));

    /// <summary>Notes a person's decision.</summary>
    /// <returns>False where it was decided before. Nothing changed then.</returns>
    public static bool Decide(DbTransaction transaction, RecordId scan, string decision, string actor, string? reason, DateTimeOffset now) =>
        transaction.OpenConnection().Execute(
            """
            UPDATE quarantine SET decision = @decision, decided_by = @actor, decided_at = @now, reason = @reason
            WHERE scan_id = @id AND decision IS NULL
            """,
            new { id = scan.ToBareString(), decision, actor, reason, now = now.ToUnixTimeMilliseconds() }, transaction) == 1;
}
