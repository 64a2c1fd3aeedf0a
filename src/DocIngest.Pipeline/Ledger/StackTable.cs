using System.Data.Common;
using Dapper;
using DocIngest.Pipeline.Records;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Ledger;

/// <summary>A stack in the archive that lacks its other side, and about which nobody has decided.</summary>
/// <param name="RecordId">Its record.</param>
/// <param name="Version">The record's head.</param>
/// <param name="Side">What it shows.</param>
/// <param name="SourcePath">Where its file lay.</param>
/// <param name="WriteTimeNanoseconds">When that file was written, since 1970.</param>
/// <param name="ClaimedAt">When it was claimed.</param>
/// <param name="IsAwaited">Whether it may be put together with another; otherwise it is in doubt.</param>
public sealed record LoneStack(RecordId RecordId, int Version, StackSide Side, string SourcePath, long WriteTimeNanoseconds, DateTimeOffset ClaimedAt, bool IsAwaited);

/// <summary>The rows of <c>stack</c>. Every method works inside the caller's transaction or reader; all are safe to repeat.</summary>
public static class StackTable
{
    private const string Awaited = "awaited";

    /// <summary>Makes the stacks of a record those of its new head.</summary>
    public static void Put(DbTransaction transaction, RecordDocument record)
    {
        string id = record.Id.ToBareString();
        transaction.OpenConnection().Execute("DELETE FROM stack WHERE record_id = @id", new { id }, transaction);
        foreach (var stack in record is { Withdrawn: null, Duplex.Stacks: { } stacks } ? stacks : [])
        {
            transaction.OpenConnection().Execute(
                """
                INSERT INTO stack (record_id, side, scan_id, profile, pair, identity, state)
                VALUES (@id, @side, @scan, @profile, @pair, @identity, @state)
                """,
                new
                {
                    id,
                    side = stack.Side.ToWord(),
                    scan = stack.ScanId.ToBareString(),
                    profile = record.Profile,
                    pair = stack.Pair,
                    identity = stack.Identity,
                    state = StateOf(record),
                }, transaction);
        }
    }

    /// <summary>Stacks of a profile that lack their other side and have this pair in their names, oldest first; wherever they lay.</summary>
    /// <remarks>A database that was rebuilt knows no claims of before: what waited then is not among them, and stays as it is.</remarks>
    public static IReadOnlyList<LoneStack> Lone(DbConnection connection, string profile, string pair, DbTransaction? transaction = null) =>
        [.. connection.Query<(string Record, int Version, string Side, byte[] Source, long WriteTime, long ClaimedAt, string State)>(
                """
                SELECT k.record_id, h.version, k.side, s.source, s.write_time_ns, s.claimed_at, k.state
                FROM stack k JOIN head h ON h.record_id = k.record_id JOIN scan s ON s.id = k.scan_id
                WHERE k.state IN ('awaited', 'doubtful') AND k.profile = @profile AND k.pair = @pair ORDER BY s.seq
                """,
                new { profile, pair }, transaction)
            .Select(row => new LoneStack(
                RecordId.Parse(row.Record), row.Version, row.Side == StackSide.Fronts.ToWord() ? StackSide.Fronts : StackSide.Backs,
                RawName.FromBytes(row.Source), row.WriteTime, DateTimeOffset.FromUnixTimeMilliseconds(row.ClaimedAt), row.State == Awaited))];

    /// <summary>Whether a record is a stack that waits for its other side, or for a person's decision about that.</summary>
    public static bool Waits(DbConnection connection, RecordId record) => connection.ExecuteScalar<bool>(
        "SELECT EXISTS (SELECT 1 FROM stack WHERE record_id = @id AND state IN ('awaited', 'doubtful'))", new { id = record.ToBareString() });

    /// <summary>The side that a record has where it has one stack alone; null for any other record.</summary>
    public static StackSide? SideOfLone(DbTransaction transaction, RecordId record)
    {
        var sides = transaction.OpenConnection().Query<string>(
            "SELECT side FROM stack WHERE record_id = @id", new { id = record.ToBareString() }, transaction).ToList();
        return sides is [var side] ? side == StackSide.Fronts.ToWord() ? StackSide.Fronts : StackSide.Backs : null;
    }

    /// <summary>The record that holds a stack already, alone or with its other side; null where none does.</summary>
    public static RecordId? FindByIdentity(DbConnection connection, string identity, DbTransaction? transaction = null) =>
        connection.QuerySingleOrDefault<string?>(
            "SELECT record_id FROM stack WHERE identity = @identity ORDER BY record_id LIMIT 1", new { identity }, transaction) is { } id
            ? RecordId.Parse(id)
            : null;

    /// <summary>Forgets the stacks of records that the catalog does not have.</summary>
    public static void KeepCataloged(DbTransaction transaction) =>
        transaction.OpenConnection().Execute("DELETE FROM stack WHERE record_id NOT IN (SELECT id FROM catalog_records)", null, transaction);

    private static string StateOf(RecordDocument record) => record.Duplex?.State switch
    {
        DuplexState.Whole => "whole",
        _ when record.Decisions.Count > 0 => "decided",
        DuplexState.Awaited => Awaited,
        DuplexState.Doubtful => "doubtful",
        DuplexState.Refused => "refused",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}
