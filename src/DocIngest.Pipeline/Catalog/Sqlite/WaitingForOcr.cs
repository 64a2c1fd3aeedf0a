using System.Data.Common;
using Dapper;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Catalog;

/// <summary>Lists the records whose head waits for OCR, from the catalog's live tables.</summary>
public static class WaitingForOcr
{
    /// <summary>A stretch of them, oldest first.</summary>
    /// <param name="connection">A reader.</param>
    /// <param name="after">The seat behind which to begin; -1 for the first.</param>
    /// <param name="limit">Most.</param>
    public static IReadOnlyList<(long Seat, RecordId Id, string Profile)> List(DbConnection connection, long after, int limit) =>
        [.. connection.Query<(long Seat, string Id, string Profile)>(
                // The last term names the partial index.
                """
                SELECT key, id, profile FROM catalog_records
                WHERE text_status = @waiting AND NOT withdrawn AND key > @after AND text_status NOT IN ('complete', 'none') ORDER BY key LIMIT @limit
                """,
                new { waiting = TextStatus.PendingOcr.ToWord(), after, limit })
            .Select(row => (row.Seat, RecordId.Parse(row.Id), row.Profile))];

    /// <summary>How many there are of each profile that has some.</summary>
    public static IReadOnlyList<WaitingInProfile> Count(DbConnection connection) =>
        [.. connection.Query<(string Profile, long Count)>(
                """
                SELECT profile, count(*) FROM catalog_records
                WHERE text_status = @waiting AND NOT withdrawn AND text_status NOT IN ('complete', 'none') GROUP BY profile ORDER BY profile
                """,
                new { waiting = TextStatus.PendingOcr.ToWord() })
            .Select(row => new WaitingInProfile(row.Profile, row.Count))];
}

/// <summary>Records of a profile that wait for OCR.</summary>
public sealed record WaitingInProfile(string Profile, long Count);
