using System.Data.Common;
using Dapper;
using DocIngest.Archive;
using DocIngest.Pipeline.Records;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Ledger;

/// <summary>All rows of <c>scan</c> that tell of one record's content or person: how they are found, and emptied once the record is destroyed.</summary>
/// <remarks>
/// An emptied row keeps ids, profile, times, sizes, pages and outcome, so that accounts add up. It tells no file any more (<c>file_id</c> and path are of
/// none), and has neither bytes nor identity: the same paper, or the same file, comes back as something new.
/// </remarks>
internal static class ScansOfRecord
{
    /// <summary>What stands for the name of a file whose record is destroyed.</summary>
    public const string Nameless = "(destroyed)";

    // The path of no file. Not empty: a part's path is cut at its last slash.
    private const string Nowhere = "/";

    /// <summary>
    /// Closed scans that became versions of a record or doubled one; and earlier tries with exactly the same file, which failed, were given back, or
    /// ended in quarantine and were decided there.
    /// </summary>
    public static IReadOnlyList<RecordId> Of(DbConnection connection, RecordId record) =>
        [.. connection.Query<string>(
            """
            SELECT id FROM scan WHERE record_id = @id AND outcome IS NOT NULL
            UNION
            SELECT f.id FROM scan s JOIN scan f ON f.file_id = s.file_id AND f.size_bytes = s.size_bytes AND f.write_time_ns = s.write_time_ns AND f.source = s.source
            WHERE s.record_id = @id AND s.outcome IS NOT NULL
            AND (f.outcome IN ('failed', 'released')
                OR (f.outcome = 'quarantined' AND EXISTS (SELECT 1 FROM quarantine q WHERE q.scan_id = f.id AND q.decision IS NOT NULL)))
            """,
            new { id = record.ToBareString() }).Select(RecordId.Parse)];

    /// <summary>Digests of the files that arrived for a record; none of emptied rows.</summary>
    public static IReadOnlyList<Sha512Digest> Digests(DbConnection connection, RecordId record) =>
        [.. connection.Query<string>(
            "SELECT DISTINCT sha512 FROM scan WHERE record_id = @id AND sha512 IS NOT NULL", new { id = record.ToBareString() }).Select(hex => new Sha512Digest(hex))];

    /// <summary>Whether a claim is open that is, or may become, one of the record: a version, a duplicate, late bytes, or a document cut from it.</summary>
    public static bool IsOneOpen(DbConnection connection, RecordId record) => connection.ExecuteScalar<bool>(
        """
        SELECT EXISTS (
            SELECT 1 FROM scan WHERE outcome IS NULL AND (
                id = @id OR record_id = @id OR part_of = @id
                OR late_of IN (SELECT id FROM scan WHERE record_id = @id)
                OR identity IN (SELECT identity FROM head WHERE record_id = @id AND identity <> @outOfUse)
                OR (profile, coalesce(found_key, document_key)) IN (SELECT profile, document_key FROM head WHERE record_id = @id AND document_key IS NOT NULL)))
        """,
        new { id = record.ToBareString(), outOfUse = Head.OutOfUse });

    /// <summary>Whether a file of the record may stand in its drop folder still: about to be removed, kept or stuck.</summary>
    public static bool HasSource(DbConnection connection, RecordId record) => connection.ExecuteScalar<bool>(
        "SELECT EXISTS (SELECT 1 FROM scan WHERE record_id = @id AND outcome IS NOT NULL AND remove_source = 1 AND source_state IN ('present', 'kept', 'stuck'))",
        new { id = record.ToBareString() });

    /// <summary>Files that were taken in from places where nothing is ours to remove: whether they stand there still nobody here knows.</summary>
    public static int CountSourcesOfOthers(DbConnection connection, RecordId record) => connection.ExecuteScalar<int>(
        "SELECT count(*) FROM scan WHERE record_id = @id AND outcome IS NOT NULL AND remove_source = 0 AND part_of IS NULL AND source <> @nowhere",
        new { id = record.ToBareString(), nowhere = RawName.ToBytes(Nowhere) });

    /// <summary>Empties rows. Open ones are left alone. Safe to repeat.</summary>
    public static void Empty(DbTransaction transaction, IEnumerable<RecordId> scans)
    {
        foreach (string id in scans.Select(scan => scan.ToBareString()))
        {
            var of = new { id, nowhere = RawName.ToBytes(Nowhere), nameless = Nameless };
            transaction.OpenConnection().Execute(
                """
                UPDATE scan SET source = @nowhere, file_name = @nameless, subfolder = '', file_id = '', document_key = NULL, found_key = NULL,
                                sidecar = NULL, sha512 = NULL, identity = NULL
                WHERE id = @id AND outcome IS NOT NULL
                """,
                of, transaction);
            transaction.OpenConnection().Execute("UPDATE quarantine SET reason = NULL WHERE scan_id = @id AND decision IS NOT NULL", of, transaction);
        }
    }

    /// <summary>Removes the rows beside the catalog that follow from a record.</summary>
    public static void RemoveHead(DbTransaction transaction, RecordId record)
    {
        foreach (string table in (string[])["head", "stack", "review", "revision"])
        {
            transaction.OpenConnection().Execute($"DELETE FROM {table} WHERE record_id = @id", new { id = record.ToBareString() }, transaction);
        }
    }
}
