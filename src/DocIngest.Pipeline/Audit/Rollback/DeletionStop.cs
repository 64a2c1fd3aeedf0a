using DocIngest.Pipeline.Database;
using DocIngest.Pipeline.Ledger;
using DocIngest.Storage;
using Microsoft.Extensions.Logging;

namespace DocIngest.Pipeline.Audit.Rollback;

/// <summary>
/// Stops deleting where the machine was rolled back, or its audit replaced: heads of the chain that are kept elsewhere are no lines of it. Records may have been
/// filed, held or destroyed since, of which this machine knows nothing.
/// </summary>
/// <remarks>
/// What is found is an entry of the chain (a break <see cref="AuditBreak.RolledBack"/>) and an alarm, which stands until a person accepts it (a break
/// <see cref="AuditBreak.Accepted"/>). Where a rollback takes both away, what is kept elsewhere brings them back at the next comparison.
/// </remarks>
/// <param name="data">The data folder.</param>
/// <param name="chain">Its chain.</param>
/// <param name="audit">Where it is recorded.</param>
/// <param name="database">Holds the alarm.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Events 1010, 1011 and 1060.</param>
public sealed class DeletionStop(IDurableFolder data, OwnChain chain, AuditTrail audit, SqliteDatabase database, TimeProvider time, ILogger logger)
{
    private readonly Alarms _alarms = new(database, time, logger);

    /// <summary>Whether it was found, and nobody has accepted it yet.</summary>
    public bool Stands
    {
        get
        {
            using var connection = database.OpenReader();
            return Standing(connection).Any();
        }
    }

    /// <summary>Compares the chain with what is kept in places that could be asked. Read them first, and call this then: the chain may grow, what is kept must be in it.</summary>
    /// <returns>What no line of the chain is, and nobody has accepted, by place: unless there is none, nothing may be deleted.</returns>
    /// <exception cref="StorageException">The chain cannot be read, or what was found cannot be recorded: nothing may be deleted.</exception>
    public async Task<IReadOnlyList<KeptHeads>> CompareAsync(IReadOnlyList<KeptHeads> places, CancellationToken cancellation)
    {
        Known? known = null;   // read where it is needed: that takes the whole chain
        var all = new List<KeptHeads>();
        foreach (var place in places)
        {
            var strange = place.Heads.Where(head => !chain.Has(head)).ToList();
            if (strange.Count > 0)
            {
                known ??= ReadKnown();
                strange.RemoveAll(head => known.Accepted.Contains(head.Hash.Hex));
            }

            foreach (var head in strange.Where(head => known?.Found.Add(head.Hash.Hex) ?? false))
            {
                await audit.AppendAsync([EventOf(new AuditBreak(AuditBreak.RolledBack) { Seq = head.Seq, Hash = head.Hash.Hex }, AuditOutcome.Failure)], cancellation);
                logger.AuditRolledBack(place.Place, head.Seq);
            }

            if (strange.Count > 0)
            {
                await _alarms.RaiseAsync(AlarmKind.AuditRolledBack, place.Place, Words(place.Place, strange), cancellation);
                all.Add(place with { Heads = strange });
            }
        }

        return all;
    }

    /// <summary>Goes on deleting, by the decision of a person.</summary>
    /// <param name="reason">A word of <see cref="RollbackReason"/>.</param>
    /// <param name="cancellation">Gives up before it is recorded.</param>
    /// <returns>What was accepted; empty where nothing is to be.</returns>
    /// <exception cref="StorageException">It cannot be recorded. Nothing changed.</exception>
    public async Task<IReadOnlyList<(long Seq, string Hash)>> AcceptAsync(string reason, CancellationToken cancellation)
    {
        var known = ReadKnown();
        var open = known.Heads.Where(head => !known.Accepted.Contains(head.Hash)).ToList();
        if (open.Count > 0)
        {
            await audit.AppendAsync(
                [.. open.Select(head => EventOf(new AuditBreak(AuditBreak.Accepted) { Seq = head.Seq, Hash = head.Hash }, AuditOutcome.Success) with { Reason = reason })], cancellation);
        }

        List<string> places;
        using (var connection = database.OpenReader())
        {
            places = [.. Standing(connection)];
        }

        foreach (string place in places)
        {
            await _alarms.ResolveAsync(AlarmKind.AuditRolledBack, place, CancellationToken.None);
        }

        return open;
    }

    /// <summary>What to say of it.</summary>
    public static string Words(string place, IReadOnlyList<KeptHead> strange) => strange.Count == 0 ? "" :
        $"The backups in {place} know of entry {strange.Max(head => head.Seq)} of the audit, and the audit of this machine has it not: the machine was rolled back, or its audit was cut off or replaced."
        + " Until a person has looked into it and runs 'docingest audit accept-rollback', nothing is destroyed, forgotten or pruned. Scans are taken in all the same.";

    private static IEnumerable<string> Standing(System.Data.Common.DbConnection connection) =>
        AlarmTable.Standing(connection).Where(alarm => alarm.Kind == AlarmKind.AuditRolledBack.ToWord()).Select(alarm => alarm.Subject);

    private AuditEvent EventOf(AuditBreak found, string outcome) => audit.Origin.Event(AuditType.Break, found.Kind, AuditAction.Execute) with { Outcome = outcome, Break = found };

    private sealed record Known(List<(long Seq, string Hash)> Heads, HashSet<string> Found, HashSet<string> Accepted);

    private Known ReadKnown()
    {
        var known = new Known([], [], []);
        foreach (var entry in AuditLog.Read(data, new AuditQuery()))
        {
            if (!entry.Json.TryGetProperty("break", out var broken) || broken.GetProperty("kind").GetString() is not (AuditBreak.RolledBack or AuditBreak.Accepted)
                || !broken.TryGetProperty("hash", out var hash) || hash.GetString() is not { } hex || !broken.TryGetProperty("seq", out var seq))
            {
                continue;
            }

            if (broken.GetProperty("kind").ValueEquals(AuditBreak.Accepted))
            {
                known.Accepted.Add(hex);
            }
            else if (known.Found.Add(hex))
            {
                known.Heads.Add((seq.GetInt64(), hex));
            }
        }

        return known;
    }
}

/// <summary>Why a rollback was accepted. Closed; a promise (docs/formats/audit.md).</summary>
public static class RollbackReason
{
    /// <summary>The machine, or its data folder, was restored from a backup.</summary>
    public const string Restored = "restored";

    /// <summary>The data folder was moved to another machine or place, without its last entries.</summary>
    public const string Moved = "moved";

    /// <summary>The audit was lost with a disk.</summary>
    public const string Lost = "lost";

    /// <summary>What the backups know is of a trial.</summary>
    public const string Trial = "trial";

    /// <summary>All there are.</summary>
    public static IReadOnlyList<string> All { get; } = [Restored, Moved, Lost, Trial];
}
