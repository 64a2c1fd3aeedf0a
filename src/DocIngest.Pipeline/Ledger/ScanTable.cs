using System.Data.Common;
using Dapper;
using DocIngest.Archive;
using DocIngest.Pipeline.Records;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Ledger;

/// <summary>
/// The rows of <c>scan</c>. Every method works inside the caller's transaction, since a claim is
/// closed in the same transaction as its record enters the catalog (DESIGN 4, Receipt). All are safe to repeat.
/// </summary>
public static class ScanTable
{
    // A claim that failed or was released is closed too, but its file was never taken over: it is not ours to remove.
    private const string SourceIsOurs = "outcome IN ('filed', 'versioned', 'duplicate', 'quarantined') AND remove_source = 1";

    private const string ScanColumns =
        """
        seq, id, profile, source, subfolder, file_id, size_bytes, write_time_ns, claimed_at, document_key, sidecar, remove_source,
        late_of, owner, state, sha512, attempt_count, outcome, source_state, keep_until, record_id, version, reason, part_of, part_version, part_pages, part_seq
        """;

    /// <summary>
    /// The owner of open claims that a process could not end and whose private copy may be all that is left. The next session to
    /// start takes them up; until then they hold up no younger claim of the same key or bytes.
    /// </summary>
    public const string GivenUp = "given-up";

    /// <summary>Opens claims, in the given order.</summary>
    /// <param name="transaction">The caller's.</param>
    /// <param name="claims">Claims without sequence.</param>
    /// <param name="owner">The instance that will work on them.</param>
    /// <returns>The claims with their place in claim order. One whose source another process has claimed already is left out.</returns>
    public static IReadOnlyList<Claim> Open(DbTransaction transaction, IReadOnlyList<Claim> claims, string owner)
    {
        const string sql =
            """
            INSERT INTO scan (id, order_key, profile, source, file_name, subfolder, file_id, size_bytes, write_time_ns,
                              claimed_at, owner, document_key, sidecar, late_of, remove_source, part_of, part_version, part_pages, part_seq)
            VALUES (@id, @orderKey, @profile, @source, @fileName, @subfolder, @fileId, @size, @time,
                    @claimedAt, @owner, @key, @sidecar, @lateOf, @remove, @partOf, @partVersion, @partPages, @partSeq)
            ON CONFLICT DO NOTHING RETURNING seq
            """;
        var opened = new List<Claim>(claims.Count);
        foreach (var claim in claims)
        {
            long? sequence = transaction.OpenConnection().QuerySingleOrDefault<long?>(sql, new
            {
                id = claim.Id.ToBareString(),
                orderKey = claim.Id.OrderKey,
                profile = claim.Profile,
                source = RawName.ToBytes(claim.SourcePath),
                fileName = claim.FileName,
                subfolder = claim.Subfolder,
                fileId = claim.Stamp.FileId,
                size = claim.Stamp.SizeBytes,
                time = claim.Stamp.WriteTimeNanoseconds,
                claimedAt = claim.ClaimedAt.ToUnixTimeMilliseconds(),
                owner,
                key = claim.DocumentKey,
                sidecar = claim.SidecarJson,
                lateOf = claim.LateOf?.ToBareString(),
                remove = claim.RemovesSource,
                partOf = claim.Part?.Batch.ToBareString(),
                partVersion = claim.Part?.Version,
                partPages = claim.Part?.Pages,
                partSeq = claim.WholeSequence,
            }, transaction);
            if (sequence is { } place)
            {
                opened.Add(claim with { Sequence = place });
            }
        }

        return opened;
    }

    /// <summary>Notes that the private copy is whole, and what it holds.</summary>
    public static void NoteCopied(DbTransaction transaction, RecordId scan, Sha512Digest digest, string identity) =>
        transaction.OpenConnection().Execute(
            "UPDATE scan SET state = 'copied', sha512 = @sha512, identity = @identity WHERE id = @id AND outcome IS NULL",
            new { id = scan.ToBareString(), sha512 = digest.Hex, identity }, transaction);

    /// <summary>Notes how many bytes a part has that was cut anew.</summary>
    public static void NoteSize(DbTransaction transaction, RecordId scan, long sizeBytes) =>
        transaction.OpenConnection().Execute(
            "UPDATE scan SET size_bytes = @sizeBytes WHERE id = @id AND outcome IS NULL", new { id = scan.ToBareString(), sizeBytes }, transaction);

    /// <summary>Notes which document key a scan has now that it has been read: rules may give one.</summary>
    public static void SettleKey(DbTransaction transaction, RecordId scan, string? key, string identity) =>
        transaction.OpenConnection().Execute(
            "UPDATE scan SET found_key = @key, key_settled = 1, identity = @identity WHERE id = @id AND outcome IS NULL",
            new { id = scan.ToBareString(), key, identity }, transaction);

    /// <summary>
    /// Reserves document key and identity for a scan, so that versions follow claim order and equal bytes make one record, also
    /// between processes.
    /// </summary>
    /// <param name="transaction">The caller's.</param>
    /// <param name="claim">The scan.</param>
    /// <param name="documentKey">Its key, by whomever; null where it has none.</param>
    /// <param name="identity">What makes it a duplicate.</param>
    /// <param name="waitsForUnread">Whether rules may still give the same key to an older scan that has not been read.</param>
    /// <returns>False while another open scan goes first, or a record is being given this key: try again after that has ended.</returns>
    public static bool TryBeginFiling(DbTransaction transaction, Claim claim, string? documentKey, string identity, bool waitsForUnread)
    {
        // An older claim of the same key goes first whatever its state. Of equal bytes, the one already filing or the older goes first.
        const string ahead =
            """
            SELECT EXISTS (SELECT 1 FROM scan WHERE outcome IS NULL AND owner <> @givenUp AND profile = @profile
                           AND coalesce(found_key, document_key) = @key AND id <> @id
                           AND ((coalesce(part_seq, seq), seq) < (@order, @seq) OR state = 'filing'))
                OR (@unread AND EXISTS (SELECT 1 FROM scan WHERE outcome IS NULL AND owner <> @givenUp AND profile = @profile
                                        AND key_settled = 0 AND id <> @id AND (coalesce(part_seq, seq), seq) < (@order, @seq)))
                OR EXISTS (SELECT 1 FROM scan WHERE outcome IS NULL AND owner <> @givenUp AND identity = @identity
                           AND id <> @id AND ((coalesce(part_seq, seq), seq) < (@order, @seq) OR state = 'filing'))
            """;
        var of = new
        {
            id = claim.Id.ToBareString(),
            profile = claim.Profile,
            key = documentKey,
            seq = claim.Sequence,
            order = claim.Order,
            identity,
            unread = waitsForUnread && documentKey is not null,
            givenUp = GivenUp,
        };
        if (transaction.OpenConnection().ExecuteScalar<bool>(ahead, of, transaction)
            || (documentKey is not null && RevisionTable.GivesKey(transaction, claim.Profile, documentKey))
            || RevisionTable.GivesIdentity(transaction, identity))
        {
            return false;
        }

        // What an earlier attempt was to become a version of may be another record than now: the rules may have changed.
        transaction.OpenConnection().Execute(
            "UPDATE scan SET state = 'filing', record_id = NULL, version = NULL WHERE id = @id AND outcome IS NULL", of, transaction);
        return true;
    }

    /// <summary>Whether a scan is being filed under a document key: what it becomes is decided, and no record has it yet.</summary>
    public static bool IsBeingFiled(DbTransaction transaction, string profile, string documentKey) => transaction.OpenConnection().ExecuteScalar<bool>(
        """
        SELECT EXISTS (SELECT 1 FROM scan WHERE outcome IS NULL AND owner <> @givenUp AND profile = @profile
                       AND coalesce(found_key, document_key) = @documentKey AND state = 'filing')
        """,
        new { givenUp = GivenUp, profile, documentKey }, transaction);

    /// <summary>Whether a scan of this identity is being filed: no record holds it yet.</summary>
    public static bool IsIdentityBeingFiled(DbTransaction transaction, string identity) => transaction.OpenConnection().ExecuteScalar<bool>(
        "SELECT EXISTS (SELECT 1 FROM scan WHERE outcome IS NULL AND owner <> @givenUp AND identity = @identity AND state = 'filing')",
        new { givenUp = GivenUp, identity }, transaction);

    /// <summary>Notes the existing record that a scan is about to become a version of.</summary>
    public static void NoteTarget(DbTransaction transaction, RecordId scan, RecordId record, int version) =>
        transaction.OpenConnection().Execute(
            "UPDATE scan SET record_id = @record, version = @version WHERE id = @id AND outcome IS NULL",
            new { id = scan.ToBareString(), record = record.ToBareString(), version }, transaction);

    /// <summary>Puts a claim back to its beginning: it will be copied again from its source.</summary>
    public static void StartOver(DbTransaction transaction, RecordId scan) =>
        transaction.OpenConnection().Execute(
            """
            UPDATE scan SET state = 'claimed', sha512 = NULL, identity = NULL, found_key = NULL, key_settled = 0, record_id = NULL, version = NULL,
                            attempt_count = attempt_count + 1
            WHERE id = @id AND outcome IS NULL
            """,
            new { id = scan.ToBareString() }, transaction);

    /// <summary>Leaves an open claim to the next session that starts.</summary>
    public static void GiveUp(DbTransaction transaction, RecordId scan) =>
        transaction.OpenConnection().Execute(
            "UPDATE scan SET owner = @givenUp WHERE id = @id AND outcome IS NULL", new { id = scan.ToBareString(), givenUp = GivenUp }, transaction);

    /// <summary>Closes a claim and issues its receipt (none for <see cref="ScanOutcome.Released"/>). A second call changes nothing.</summary>
    /// <returns>False where it was closed already.</returns>
    public static bool Close(DbTransaction transaction, Closing closing, DateTimeOffset now)
    {
        var of = new
        {
            id = closing.ScanId.ToBareString(),
            outcome = closing.Outcome.ToWord(),
            recordId = closing.RecordId?.ToBareString(),
            version = closing.Version,
            pages = closing.PageCount,
            textStatus = closing.TextStatus?.ToWord(),
            reason = closing.Reason,
            at = now.ToUnixTimeMilliseconds(),
        };
        int closed = transaction.OpenConnection().Execute(
            """
            UPDATE scan SET state = 'closed', outcome = @outcome, record_id = @recordId, version = @version, page_count = @pages,
                            text_status = @textStatus, reason = @reason, closed_at = @at
            WHERE id = @id AND outcome IS NULL
            """,
            of, transaction);
        if (closed == 1 && closing.Outcome != ScanOutcome.Released)
        {
            ReceiptTable.Issue(transaction, closing, now);
        }

        return closed == 1;
    }

    /// <summary>Opens a quarantined claim again after a person's decision; closing it issues a further receipt.</summary>
    /// <returns>False where it is not quarantined. Nothing changed then.</returns>
    public static bool Reopen(DbTransaction transaction, RecordId scan, string owner) =>
        transaction.OpenConnection().Execute(
            """
            UPDATE scan SET state = 'copied', outcome = NULL, owner = @owner, reason = NULL, closed_at = NULL
            WHERE id = @id AND outcome = 'quarantined'
            """,
            new { id = scan.ToBareString(), owner }, transaction) == 1;

    /// <summary>Notes what became of the scanner's file.</summary>
    public static void SetSource(DbTransaction transaction, RecordId scan, SourceState state, DateTimeOffset? keepUntil = null) =>
        transaction.OpenConnection().Execute(
            "UPDATE scan SET source_state = @state, keep_until = @until WHERE id = @id",
            new { id = scan.ToBareString(), state = state.ToWord(), until = keepUntil?.ToUnixTimeMilliseconds() }, transaction);

    /// <summary>Where the files lie, or lay, of older claims of the same profile that are still open.</summary>
    public static IReadOnlyList<string> OpenBefore(DbTransaction transaction, Claim claim) =>
        [.. transaction.OpenConnection().Query<byte[]>(
                """
                SELECT source FROM scan WHERE outcome IS NULL AND owner <> @givenUp AND profile = @profile AND part_of IS NULL AND seq < @seq
                """,
                new { givenUp = GivenUp, profile = claim.Profile, seq = claim.Sequence }, transaction)
            .Select(source => RawName.FromBytes(source))];

    /// <summary>Whether there is a row of this id.</summary>
    public static bool Exists(DbTransaction transaction, RecordId scan) =>
        transaction.OpenConnection().ExecuteScalar<bool>("SELECT EXISTS (SELECT 1 FROM scan WHERE id = @id)", new { id = scan.ToBareString() }, transaction);

    /// <summary>Open parts of a batch record's version that belong to one instance.</summary>
    public static IReadOnlyList<Claim> OpenParts(DbConnection connection, RecordId batch, int version, string owner) =>
        [.. Scans(connection, "part_of = @batch AND part_version = @version AND outcome IS NULL AND owner = @owner ORDER BY seq", new { batch = batch.ToBareString(), version, owner })
            .Select(row => row.Claim)];

    /// <summary>One row, or null.</summary>
    public static ScanRow? Find(DbConnection connection, RecordId scan) =>
        Scans(connection, "id = @id", new { id = scan.ToBareString() }).SingleOrDefault();

    /// <summary>The instances that have unfinished rows: open ones, or closed ones with the source still to be dealt with.</summary>
    public static IReadOnlyList<string> Owners(DbConnection connection) =>
        [.. connection.Query<string>($"SELECT DISTINCT owner FROM scan WHERE outcome IS NULL UNION SELECT owner FROM scan WHERE {SourceIsOurs} AND source_state = 'present'")];

    /// <summary>Hands all unfinished rows of a dead instance to another.</summary>
    /// <returns>Those rows, in claim order.</returns>
    public static IReadOnlyList<ScanRow> Adopt(DbTransaction transaction, string from, string to)
    {
        var rows = Scans(
            transaction.OpenConnection(), $"owner = @from AND (outcome IS NULL OR ({SourceIsOurs} AND source_state = 'present')) ORDER BY seq",
            new { from }, transaction).ToList();
        transaction.OpenConnection().Execute(
            $"UPDATE scan SET owner = @to WHERE owner = @from AND (outcome IS NULL OR ({SourceIsOurs} AND source_state = 'present'))",
            new { from, to }, transaction);
        return rows;
    }

    /// <summary>Closed rows whose source may still stand in the drop folder: to be removed, kept or stuck.</summary>
    public static IReadOnlyList<ScanRow> SourcesLeft(DbConnection connection, string profile) =>
        [.. Scans(
            connection,
            $"profile = @profile AND {SourceIsOurs} AND source_state IN ('present', 'kept', 'stuck') ORDER BY seq",
            new { profile })];

    /// <summary>Scans that became a version of a record, or were found to double one, in claim order. None of a record that is destroyed.</summary>
    public static IReadOnlyList<Arrival> Arrivals(DbConnection connection, RecordId record) =>
        [.. connection.Query<(string Scan, long ClaimedAt, string FileName, string Profile, string Outcome, int Version, string Sha512, string? AcceptedBy)>(
                """
                SELECT s.id, s.claimed_at, s.file_name, s.profile, s.outcome, s.version, s.sha512, q.decided_by
                FROM scan s LEFT JOIN quarantine q ON q.scan_id = s.id AND q.decision = 'accepted'
                WHERE s.record_id = @id AND s.outcome IN ('filed', 'versioned', 'duplicate') AND s.sha512 IS NOT NULL ORDER BY s.seq
                """,
                new { id = record.ToBareString() })
            .Select(row => new Arrival(
                Records.RecordId.Parse(row.Scan), DateTimeOffset.FromUnixTimeMilliseconds(row.ClaimedAt), row.FileName, row.Profile, row.Outcome,
                row.Version, new Sha512Digest(row.Sha512), row.AcceptedBy))];

    /// <summary>Whether a file of this path is being worked on.</summary>
    public static bool IsClaimed(DbConnection connection, string sourcePath) =>
        connection.ExecuteScalar<bool>(
            "SELECT EXISTS (SELECT 1 FROM scan WHERE source = @source AND outcome IS NULL)", new { source = RawName.ToBytes(sourcePath) });

    /// <summary>
    /// Closed rows of exactly this file whose bytes we hold: its removal was refused, or undone by a power cut, or it is kept. A file
    /// that a person discarded from quarantine is nowhere else when it comes back: it is a new scan.
    /// </summary>
    public static IReadOnlyList<ScanRow> FindFiled(DbConnection connection, string sourcePath, FileStamp stamp) =>
        [.. Scans(
            connection,
            """
            file_id = @fileId AND size_bytes = @size AND write_time_ns = @time AND source = @source AND remove_source = 1
            AND outcome IN ('filed', 'versioned', 'duplicate', 'quarantined') AND source_state <> 'gone'
            AND NOT EXISTS (SELECT 1 FROM quarantine WHERE scan_id = scan.id AND decision = 'discarded') ORDER BY seq DESC
            """,
            new { fileId = stamp.FileId, size = stamp.SizeBytes, time = stamp.WriteTimeNanoseconds, source = RawName.ToBytes(sourcePath) })];

    /// <summary>The newest filed scan of the same file, wherever it stands now, that was not removed: perhaps it has grown since.</summary>
    public static ScanRow? FindEarlier(DbConnection connection, string fileId) =>
        Scans(
            connection,
            """
            file_id = @fileId AND outcome IN ('filed', 'versioned', 'duplicate') AND remove_source = 1 AND source_state <> 'removed'
            ORDER BY seq DESC LIMIT 1
            """,
            new { fileId }).SingleOrDefault();

    /// <summary>Scans by profile and outcome word; <c>pending</c> while open.</summary>
    public static IReadOnlyList<(string Profile, string Outcome, long Count)> Counts(DbConnection connection) =>
        [.. connection.Query<(string, string, long)>("SELECT profile, outcome, count FROM scan_count WHERE count <> 0 ORDER BY 1, 2")];

    private static IEnumerable<ScanRow> Scans(DbConnection connection, string where, object? parameters, DbTransaction? transaction = null) =>
        connection.Query<DbScan>($"SELECT {ScanColumns} FROM scan WHERE {where}", parameters, transaction).Select(row => row.ToScanRow());

    // The shape Dapper fills, column for column.
    private sealed class DbScan
    {
        public long seq { get; init; }
        public required string id { get; init; }
        public required string profile { get; init; }
        public required byte[] source { get; init; }
        public required string subfolder { get; init; }
        public required string file_id { get; init; }
        public long size_bytes { get; init; }
        public long write_time_ns { get; init; }
        public long claimed_at { get; init; }
        public string? document_key { get; init; }
        public string? sidecar { get; init; }
        public long remove_source { get; init; }
        public string? late_of { get; init; }
        public required string owner { get; init; }
        public required string state { get; init; }
        public string? sha512 { get; init; }
        public int attempt_count { get; init; }
        public string? outcome { get; init; }
        public required string source_state { get; init; }
        public long? keep_until { get; init; }
        public string? record_id { get; init; }
        public int? version { get; init; }
        public string? reason { get; init; }
        public string? part_of { get; init; }
        public int? part_version { get; init; }
        public string? part_pages { get; init; }
        public long? part_seq { get; init; }

        public ScanRow ToScanRow() => new(
            new Claim(
                Records.RecordId.Parse(id), profile, RawName.FromBytes(source), subfolder,
                new FileStamp(file_id, size_bytes, write_time_ns), DateTimeOffset.FromUnixTimeMilliseconds(claimed_at),
                document_key, sidecar, remove_source == 1)
            {
                Sequence = seq,
                LateOf = late_of is null ? null : Records.RecordId.Parse(late_of),
                WholeSequence = part_seq,
                Part = part_of is null ? null : new PartOf(Records.RecordId.Parse(part_of), part_version ?? 1, part_pages ?? ""),
            },
            owner,
            IsCopied: sha512 is not null,
            sha512 is null ? null : new Sha512Digest(sha512),
            attempt_count,
            outcome is null ? null : LedgerWords.ParseOutcome(outcome),
            LedgerWords.ParseSourceState(source_state),
            keep_until is { } until ? DateTimeOffset.FromUnixTimeMilliseconds(until) : null,
            record_id is null ? null : Records.RecordId.Parse(record_id),
            version,
            reason);
    }
}
