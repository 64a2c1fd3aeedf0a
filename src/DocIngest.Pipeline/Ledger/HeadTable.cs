using System.Data.Common;
using Dapper;
using DocIngest.Archive;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Ledger;

/// <summary>
/// The rows of <c>head</c>: what the newest version of each record holds, where duplicates and existing keys are looked up. Every
/// method works inside the caller's transaction. All are safe to repeat.
/// </summary>
public static class HeadTable
{
    /// <summary>Makes a version the head that duplicates and keys are compared with.</summary>
    public static void Put(DbTransaction transaction, Head head) =>
        transaction.OpenConnection().Execute(
            """
            INSERT INTO head (record_id, version, profile, document_key, sha512, identity)
            VALUES (@id, @version, @profile, @key, @sha512, @identity)
            ON CONFLICT (record_id) DO UPDATE SET version = excluded.version, profile = excluded.profile,
                document_key = excluded.document_key, sha512 = excluded.sha512, identity = excluded.identity
            """,
            new
            {
                id = head.RecordId.ToBareString(),
                version = head.Version,
                profile = head.Profile,
                key = head.DocumentKey,
                sha512 = head.Digest.Hex,
                identity = head.Identity,
            }, transaction);

    /// <summary>The record whose head a scan would double, or null.</summary>
    public static Head? FindByIdentity(DbTransaction transaction, string identity) => FindByIdentity(transaction.OpenConnection(), identity, transaction);

    /// <inheritdoc cref="FindByIdentity(DbTransaction, string)" />
    public static Head? FindByIdentity(DbConnection connection, string identity, DbTransaction? transaction = null) =>
        Heads(connection, "identity = @identity ORDER BY record_id LIMIT 1", new { identity }, transaction).SingleOrDefault();

    /// <summary>Whether a document that was cut from a divided scan is withdrawn, and no other record took its place.</summary>
    public static bool HasWithdrawnPart(DbTransaction transaction, RecordId batch) => transaction.OpenConnection().ExecuteScalar<bool>(
        """
        SELECT EXISTS (SELECT 1 FROM catalog_records WHERE withdrawn AND json_extract(record, '$.partOf.batch') = @batch
                       AND json_extract(record, '$.reassignedTo') IS NULL AND json_extract(record, '$.splitInto') IS NULL)
        """,
        new { batch = batch.ToString() }, transaction);

    /// <summary>The newest record under a document key, or null.</summary>
    public static Head? FindByKey(DbTransaction transaction, string profile, string documentKey) =>
        Heads(transaction, "profile = @profile AND document_key = @documentKey ORDER BY record_id DESC LIMIT 1", new { profile, documentKey })
            .SingleOrDefault();

    /// <summary>Whether another record of a profile has a document key.</summary>
    public static bool HasKey(DbConnection connection, string profile, string documentKey, RecordId but, DbTransaction? transaction = null) =>
        connection.ExecuteScalar<bool>(
            "SELECT EXISTS (SELECT 1 FROM head WHERE profile = @profile AND document_key = @documentKey AND record_id <> @but)",
            new { profile, documentKey, but = but.ToBareString() }, transaction);

    /// <summary>Whether a record has a head: it is in the archive, as far as the ledger knows.</summary>
    public static bool Exists(DbConnection connection, RecordId record) =>
        connection.ExecuteScalar<bool>("SELECT EXISTS (SELECT 1 FROM head WHERE record_id = @id)", new { id = record.ToBareString() });

    /// <summary>The head of one record, or null.</summary>
    public static Head? Find(DbTransaction transaction, RecordId record) =>
        Heads(transaction, "record_id = @id", new { id = record.ToBareString() }).SingleOrDefault();

    /// <summary>Records that hold the same bytes, whatever their key; at most <paramref name="limit"/>.</summary>
    public static IReadOnlyList<RecordId> FindTwins(DbTransaction transaction, Sha512Digest digest, int limit) =>
        [.. Heads(transaction, "sha512 = @sha512 ORDER BY record_id LIMIT @limit", new { sha512 = digest.Hex, limit }).Select(head => head.RecordId)];

    /// <summary>Forgets the heads of records that the catalog does not have: nothing may be called a duplicate of what is not archived.</summary>
    public static void KeepCataloged(DbTransaction transaction) =>
        transaction.OpenConnection().Execute("DELETE FROM head WHERE record_id NOT IN (SELECT id FROM catalog_records)", null, transaction);

    private static IEnumerable<Head> Heads(DbTransaction transaction, string where, object parameters) =>
        Heads(transaction.OpenConnection(), where, parameters, transaction);

    private static IEnumerable<Head> Heads(DbConnection connection, string where, object parameters, DbTransaction? transaction) =>
        connection.Query<(string Id, int Version, string Profile, string? Key, string Sha512, string Identity)>(
                $"SELECT record_id, version, profile, document_key, sha512, identity FROM head WHERE {where}", parameters, transaction)
            .Select(row => new Head(
                RecordId.Parse(row.Id), row.Version, row.Profile, row.Key, new Sha512Digest(row.Sha512), row.Identity));
}
