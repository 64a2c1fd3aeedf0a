using System.Data.Common;
using Dapper;

namespace DocIngest.Pipeline.Ledger;

/// <summary>The rows of <c>receipt</c>: one for every outcome a person was told of. The daily receipt files are made from it alone.</summary>
public static class ReceiptTable
{
    private const string Receipts =
        """
        SELECT r.seq, r.receipt_id AS receiptId, r.issued_at AS issuedAt, s.profile, s.subfolder, s.file_name AS fileName,
               s.size_bytes AS sizeBytes, s.sha512, s.page_count AS pages, r.outcome, r.record_id AS recordId, r.version,
               s.text_status AS textStatus, r.reason
        FROM receipt r JOIN scan s ON s.id = r.scan_id
        """;

    /// <summary>Issues the receipt of a claim just closed, in the same transaction. The first has the scan's id; a claim that was opened again gets further ones.</summary>
    internal static void Issue(DbTransaction transaction, Closing closing, DateTimeOffset now)
    {
        string scan = closing.ScanId.ToBareString();
        int earlier = transaction.OpenConnection().ExecuteScalar<int>("SELECT count(*) FROM receipt WHERE scan_id = @scan", new { scan }, transaction);
        transaction.OpenConnection().Execute(
            """
            INSERT INTO receipt (receipt_id, scan_id, issued_at, outcome, record_id, version, reason)
            VALUES (@receiptId, @scan, @at, @outcome, @recordId, @version, @reason) ON CONFLICT DO NOTHING
            """,
            new
            {
                receiptId = earlier == 0 ? scan : $"{scan}/{earlier + 1}",
                scan,
                at = now.ToUnixTimeMilliseconds(),
                outcome = closing.Outcome.ToWord(),
                recordId = closing.RecordId?.ToString(),
                version = closing.Version,
                reason = closing.Reason,
            }, transaction);
    }

    /// <summary>Receipts after a sequence number, oldest first.</summary>
    public static IReadOnlyList<Receipt> After(DbConnection connection, long sequence, int limit) =>
        [.. connection.Query<ReceiptRow>($"{Receipts} WHERE r.seq > @sequence ORDER BY r.seq LIMIT @limit", new { sequence, limit }).Select(row => row.ToReceipt())];

    /// <summary>All receipts of some scans.</summary>
    internal static IReadOnlyList<Receipt> Of(DbConnection connection, IEnumerable<Records.RecordId> scans) =>
        [.. scans.SelectMany(scan => connection.Query<ReceiptRow>($"{Receipts} WHERE r.scan_id = @scan", new { scan = scan.ToBareString() })).Select(row => row.ToReceipt())];

    /// <summary>The newest receipt's sequence number; 0 where there is none.</summary>
    public static long Last(DbConnection connection) => connection.ExecuteScalar<long>("SELECT coalesce(max(seq), 0) FROM receipt");

    /// <summary>Receipts of a profile by outcome word: issued at or after an instant, numbered after one and up to another.</summary>
    public static IEnumerable<(string Outcome, long Count)> Count(
        DbConnection connection, string profile, DateTimeOffset since, long after, long upTo) =>
        connection.Query<(string, long)>(
            $"""
            SELECT r.outcome, count(*) FROM receipt r JOIN scan s ON s.id = r.scan_id
            WHERE {(after == 0 ? "r.issued_at >= @since AND r.seq <= @upTo" : "r.seq > @after AND r.seq <= @upTo AND +r.issued_at >= @since")}
            AND s.profile = @profile GROUP BY r.outcome
            """,
            new { since = since.ToUnixTimeMilliseconds(), after, upTo, profile });

    /// <summary>Number of receipts and the newest sequence number.</summary>
    public static (long Count, long Last) Totals(DbConnection connection) =>
        connection.QuerySingle<(long, long)>("SELECT count(*), coalesce(max(seq), 0) FROM receipt");

    // The shape Dapper fills, column for column.
    private sealed class ReceiptRow
    {
        public long seq { get; init; }
        public required string receiptId { get; init; }
        public long issuedAt { get; init; }
        public required string profile { get; init; }
        public required string subfolder { get; init; }
        public required string fileName { get; init; }
        public long sizeBytes { get; init; }
        public string? sha512 { get; init; }
        public int? pages { get; init; }
        public required string outcome { get; init; }
        public string? recordId { get; init; }
        public int? version { get; init; }
        public string? textStatus { get; init; }
        public string? reason { get; init; }

        public Receipt ToReceipt() => new(
            seq, receiptId, DateTimeOffset.FromUnixTimeMilliseconds(issuedAt), profile, subfolder, fileName, sizeBytes, sha512, pages,
            outcome, recordId, version, textStatus, reason);
    }
}
