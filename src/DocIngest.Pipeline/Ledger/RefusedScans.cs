using System.Data.Common;
using Dapper;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Ledger;

/// <summary>Scans of a profile that somebody must look at: the list behind <c>rejected/</c> and "N need you".</summary>
internal static class RefusedScans
{
    /// <summary>
    /// Quarantined without a decision; failed, and no later claim of the same file has come to an end; or given up until the next start.
    /// Whether a failed scan's file still stands, the caller knows.
    /// </summary>
    public static IReadOnlyList<RecordId> Of(DbConnection connection, string profile) =>
        [.. connection.Query<string>(
            """
            SELECT s.id FROM quarantine q JOIN scan s ON s.id = q.scan_id
            WHERE q.decision IS NULL AND s.outcome = 'quarantined' AND s.profile = @profile
            UNION ALL
            SELECT s.id FROM scan s WHERE s.outcome = 'failed' AND s.profile = @profile
            AND NOT EXISTS (SELECT 1 FROM scan l WHERE l.file_id = s.file_id AND l.size_bytes = s.size_bytes AND l.write_time_ns = s.write_time_ns
                            AND l.source = s.source AND l.seq > s.seq AND l.outcome IS NOT NULL AND l.outcome <> 'released')
            UNION ALL
            SELECT s.id FROM scan s WHERE s.outcome IS NULL AND s.owner = @givenUp AND s.profile = @profile
            """,
            new { profile, givenUp = ScanTable.GivenUp }).Select(RecordId.Parse)];
}
