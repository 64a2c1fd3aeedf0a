using System.Data.Common;
using Dapper;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Ledger;

/// <summary>A new version of a record that no scan brings, in the making.</summary>
/// <param name="Id">Also names its staging entry.</param>
/// <param name="RecordId">The record.</param>
/// <param name="Version">Which version it is about to become; null until it is committed.</param>
/// <param name="Owner">The instance that works on it.</param>
internal sealed record Revision(RecordId Id, RecordId RecordId, int? Version, string Owner)
{
    /// <summary>What else is to be made, as JSON; null where the record merely gets another version.</summary>
    public string? Plan { get; init; }

    /// <summary>The revision that reads a record again: there is one of each record, of a version of UUID that nothing else has. Its row keeps its staging entry and holds no record until it files.</summary>
    public static RecordId IdOfReading(RecordId record) => WithUuidVersion(record, 8);   // RFC 9562, 5.8; records have 7

    /// <summary>The record that a row is about: one that reads and does not hold its record yet has its own id in that column.</summary>
    internal static RecordId RecordOf(RecordId column) => column.Value.Version == 8 ? WithUuidVersion(column, 7) : column;

    private static RecordId WithUuidVersion(RecordId id, int version)
    {
        const int VersionByte = 6;
        byte[] bytes = id.Value.ToByteArray(bigEndian: true);
        bytes[VersionByte] = (byte)((bytes[VersionByte] & 0x0F) | (version << 4));
        return new RecordId(new Guid(bytes, bigEndian: true));
    }
}

/// <summary>The rows of <c>revision</c>. Every writing method works inside the caller's transaction.</summary>
internal static class RevisionTable
{
    /// <summary>Opens a revision.</summary>
    /// <param name="transaction">The caller's.</param>
    /// <param name="revision">The revision.</param>
    /// <param name="now">When.</param>
    /// <param name="holdsRecord">Whether no other revision of the record may begin from now on; else from <see cref="TryHold"/> on. One that reads does not.</param>
    /// <returns>False where another one of the same record is open. Nothing changed.</returns>
    public static bool TryBegin(DbTransaction transaction, Revision revision, DateTimeOffset now, bool holdsRecord = true) =>
        transaction.OpenConnection().Execute(
            "INSERT INTO revision (id, record_id, version, owner, begun_at) VALUES (@id, @record, NULL, @owner, @now) ON CONFLICT DO NOTHING",
            new
            {
                id = revision.Id.ToBareString(),
                record = (holdsRecord ? revision.RecordId : revision.Id).ToBareString(),
                owner = revision.Owner,
                now = now.ToUnixTimeMilliseconds(),
            }, transaction) == 1;

    /// <summary>From here on no other revision of the record may begin.</summary>
    /// <returns>False where another one of it is open. Nothing changed.</returns>
    public static bool TryHold(DbTransaction transaction, Revision revision) => transaction.OpenConnection().Execute(
        "UPDATE revision SET record_id = @record WHERE id = @id AND NOT EXISTS (SELECT 1 FROM revision WHERE record_id = @record AND id <> @id)",
        new { id = revision.Id.ToBareString(), record = revision.RecordId.ToBareString() }, transaction) == 1;

    /// <summary>Notes which version it is about to become: what recovery looks for.</summary>
    /// <param name="transaction">The caller's.</param>
    /// <param name="id">The revision.</param>
    /// <param name="version">The version.</param>
    /// <param name="profile">The record's.</param>
    /// <param name="newKey">The document key that the record gets; null where it keeps what it has. Scans of that key wait for the end of the revision.</param>
    public static void NoteVersion(DbTransaction transaction, RecordId id, int version, string profile, string? newKey) =>
        transaction.OpenConnection().Execute(
            "UPDATE revision SET version = @version, profile = @profile, document_key = @newKey WHERE id = @id",
            new { id = id.ToBareString(), version, profile, newKey }, transaction);

    /// <summary>Notes which records are about to take the record's place: from here on recovery makes all of them or none.</summary>
    /// <param name="transaction">The one of <see cref="NoteVersion"/>.</param>
    /// <param name="id">The revision.</param>
    /// <param name="plan">What recovery goes by.</param>
    /// <param name="successors">The records as they will be filed.</param>
    public static void NoteSuccessors(DbTransaction transaction, RecordId id, string plan, IEnumerable<RecordDocument> successors)
    {
        string revision = id.ToBareString();
        transaction.OpenConnection().Execute("UPDATE revision SET plan = @plan WHERE id = @revision", new { revision, plan }, transaction);
        transaction.OpenConnection().Execute(
            "INSERT INTO successor (id, revision_id, profile, document_key, identity) VALUES (@id, @revision, @profile, @key, @identity)",
            successors.Select(record => new { id = record.Id.ToBareString(), revision, profile = record.Profile, key = record.DocumentKey, identity = record.Identity }),
            transaction);
    }

    /// <summary>Whether some revision is about to give a record a document key.</summary>
    public static bool GivesKey(DbTransaction transaction, string profile, string key) => transaction.OpenConnection().ExecuteScalar<bool>(
        """
        SELECT EXISTS (SELECT 1 FROM revision WHERE owner <> @givenUp AND profile = @profile AND document_key = @key)
            OR EXISTS (SELECT 1 FROM successor s JOIN revision r ON r.id = s.revision_id
                       WHERE r.owner <> @givenUp AND s.profile = @profile AND s.document_key = @key)
        """,
        new { givenUp = ScanTable.GivenUp, profile, key }, transaction);

    /// <summary>
    /// Whether a revision that could not be finished, and waits for its recovery, gives a record a document key: it may stand in the archive already. Nobody waits for it, and
    /// nobody else has that key for certain.
    /// </summary>
    public static bool HasKeyInDoubt(DbTransaction transaction, string profile, string key) => transaction.OpenConnection().ExecuteScalar<bool>(
        """
        SELECT EXISTS (SELECT 1 FROM revision WHERE owner = @givenUp AND profile = @profile AND document_key = @key)
            OR EXISTS (SELECT 1 FROM successor s JOIN revision r ON r.id = s.revision_id
                       WHERE r.owner = @givenUp AND s.profile = @profile AND s.document_key = @key)
        """,
        new { givenUp = ScanTable.GivenUp, profile, key }, transaction);

    /// <summary>Whether some revision is about to make a record that a scan of this identity would double.</summary>
    public static bool GivesIdentity(DbTransaction transaction, string identity) => transaction.OpenConnection().ExecuteScalar<bool>(
        "SELECT EXISTS (SELECT 1 FROM successor s JOIN revision r ON r.id = s.revision_id WHERE r.owner <> @givenUp AND s.identity = @identity)",
        new { givenUp = ScanTable.GivenUp, identity }, transaction);

    /// <summary>Whether an open revision makes a record of this id.</summary>
    public static bool IsSuccessor(DbConnection connection, RecordId record) => connection.ExecuteScalar<bool>(
        "SELECT EXISTS (SELECT 1 FROM successor WHERE id = @id)", new { id = record.ToBareString() });

    /// <summary>Makes another instance its owner.</summary>
    public static void HandOver(DbTransaction transaction, RecordId id, string owner) =>
        transaction.OpenConnection().Execute("UPDATE revision SET owner = @owner WHERE id = @id", new { id = id.ToBareString(), owner }, transaction);

    /// <summary>Closes a revision. Safe to repeat.</summary>
    public static void End(DbTransaction transaction, RecordId id) => transaction.OpenConnection().Execute(
        "DELETE FROM successor WHERE revision_id = @id; DELETE FROM revision WHERE id = @id", new { id = id.ToBareString() }, transaction);

    /// <summary>An open revision, or null.</summary>
    public static Revision? Find(DbConnection connection, RecordId id) =>
        Revisions(connection, "id = @id", new { id = id.ToBareString() }).SingleOrDefault();

    /// <summary>The open revision of a record, or null.</summary>
    public static Revision? Of(DbConnection connection, RecordId record) =>
        Revisions(connection, "record_id = @record", new { record = record.ToBareString() }).SingleOrDefault();

    /// <summary>Whether a record is being read again or gets another version just now.</summary>
    public static bool IsOpen(DbConnection connection, RecordId record) => Of(connection, record) is not null || Find(connection, Revision.IdOfReading(record)) is not null;

    /// <summary>Open revisions of one instance, oldest first.</summary>
    public static IReadOnlyList<Revision> OwnedBy(DbConnection connection, string owner) =>
        [.. Revisions(connection, "owner = @owner ORDER BY begun_at, id", new { owner })];

    /// <summary>Instances that have open revisions.</summary>
    public static IReadOnlyList<string> Owners(DbConnection connection) => [.. connection.Query<string>("SELECT DISTINCT owner FROM revision")];

    private static IEnumerable<Revision> Revisions(DbConnection connection, string where, object parameters) =>
        connection.Query<(string Id, string Record, int? Version, string Owner, string? Plan)>(
                $"SELECT id, record_id, version, owner, plan FROM revision WHERE {where}", parameters)
            .Select(row => new Revision(RecordId.Parse(row.Id), Revision.RecordOf(RecordId.Parse(row.Record)), row.Version, row.Owner) { Plan = row.Plan });
}
