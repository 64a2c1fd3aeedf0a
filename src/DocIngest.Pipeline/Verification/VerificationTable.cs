using System.Data.Common;
using Dapper;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Verification;

/// <summary>The rows of <c>object_verification</c>, and the one of <c>archive_walk</c>.</summary>
internal static class VerificationTable
{
    /// <summary>All of them, one after the other.</summary>
    public static IEnumerable<ObjectVerification> All(DbConnection connection) =>
        connection.Query<(string Object, long Verified, long Head, bool IsSound)>("SELECT object, verified, head, is_sound FROM object_verification", buffered: false)
            .Select(row => new ObjectVerification(row.Object, DateTimeOffset.FromUnixTimeMilliseconds(row.Verified), (int)row.Head, row.IsSound));

    /// <summary>Notes readings; of each object the last one stays.</summary>
    public static void Note(DbTransaction transaction, IEnumerable<ObjectVerification> verifications) => transaction.OpenConnection().Execute(
        """
        INSERT INTO object_verification (object, verified, head, is_sound) VALUES (@Object, @verified, @Head, @IsSound)
        ON CONFLICT DO UPDATE SET verified = @verified, head = @Head, is_sound = @IsSound
        """,
        verifications.Select(one => new { one.Object, verified = one.Time.ToUnixTimeMilliseconds(), one.Head, one.IsSound }), transaction);

    /// <summary>Notes that objects are there; of those that are known nothing changes.</summary>
    public static void Know(DbTransaction transaction, IEnumerable<string> objects) => transaction.OpenConnection().Execute(
        "INSERT INTO object_verification (object, verified, head, is_sound) VALUES (@id, 0, 0, 0) ON CONFLICT DO NOTHING", objects.Select(id => new { id }), transaction);

    /// <summary>Forgets objects that are no more.</summary>
    public static void Forget(DbTransaction transaction, IEnumerable<string> objects) =>
        transaction.OpenConnection().Execute("DELETE FROM object_verification WHERE object = @id", objects.Select(id => new { id }), transaction);

    /// <summary>When the archive was walked through last; null for never.</summary>
    public static DateTimeOffset? LastWalk(DbConnection connection) =>
        connection.ExecuteScalar<long?>("SELECT max(at) FROM archive_walk") is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;

    /// <summary>Whether the last reading of some object found damage.</summary>
    public static bool HasDamaged(DbConnection connection) =>
        connection.ExecuteScalar<bool>("SELECT EXISTS (SELECT 1 FROM object_verification WHERE is_sound = 0 AND verified > 0)");

    /// <summary>Whether some object was read before a time and not since, or after another.</summary>
    public static bool HasOlder(DbConnection connection, DateTimeOffset before, DateTimeOffset after) => connection.ExecuteScalar<bool>(
        "SELECT EXISTS (SELECT 1 FROM object_verification WHERE verified > 0 AND (verified < @before OR verified > @after))",
        new { before = before.ToUnixTimeMilliseconds(), after = after.ToUnixTimeMilliseconds() });

    /// <summary>When the record was drawn that was filed first; null for none.</summary>
    public static DateTimeOffset? OldestRecord(DbConnection connection) =>
        connection.ExecuteScalar<string?>("SELECT id FROM catalog_records ORDER BY key LIMIT 1") is { } id && RecordId.TryParse(id, out var record) ? record.DrawnAt : null;

    /// <summary>Notes that it was.</summary>
    public static void Walked(DbTransaction transaction, DateTimeOffset at)
    {
        var connection = transaction.OpenConnection();
        connection.Execute("DELETE FROM archive_walk", transaction: transaction);
        connection.Execute("INSERT INTO archive_walk (at) VALUES (@at)", new { at = at.ToUnixTimeMilliseconds() }, transaction);
    }
}
