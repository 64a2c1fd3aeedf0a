using System.Text.Json;
using DocIngest.Archive;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Disposition.Forgetting;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Holds;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Disposition;

/// <summary>What a replay came to.</summary>
/// <param name="HoldsRestored">Whether the archive's register of holds was older than the ledger's.</param>
/// <param name="DestroyedAgain">Records that had come back and are gone again.</param>
/// <param name="Held">Records that came back and stay: a hold covers them.</param>
/// <param name="Undecided">Records whose destruction had begun when the ledger was saved, and of which it does not say what became: they stay.</param>
/// <param name="Recreated">Dispositions that the archive knows and the ledger did not: written into it again.</param>
public sealed record ReplayResult(
    bool HoldsRestored, IReadOnlyList<RecordId> DestroyedAgain, IReadOnlyList<RecordId> Held, IReadOnlyList<RecordId> Undecided, IReadOnlyList<string> Recreated)
{
    /// <summary>Whether there was anything to do or to tell.</summary>
    public bool IsEmpty => !HoldsRestored && DestroyedAgain.Count + Held.Count + Undecided.Count + Recreated.Count == 0;
}

/// <summary>
/// After an older archive was restored: puts the holds placed since back, and then destroys again what the ledger says was destroyed. An archive that is as
/// new as its ledger costs one look at each disposition.
/// </summary>
/// <param name="environment">What the pipeline works with.</param>
public sealed class LedgerReplay(IngestEnvironment environment)
{
    private readonly DestructionLedger _ledger = new(environment.Data);
    private readonly DispositionRegister _register = new(environment.SystemObjects, environment.Actor, environment.Time);
    private readonly HoldRegister _holds = new(environment.SystemObjects, environment.Locks, environment.Actor, environment.Time);
    private readonly RecordForgetting _forgetting = new(environment);

    /// <summary>Does what is to be done. Safe to repeat.</summary>
    /// <param name="all">Whether to look at every record of the ledger, also of dispositions that this archive has carried out: one may have been brought back by itself.</param>
    /// <param name="cancellation">Heeded between dispositions.</param>
    /// <exception cref="DamagedObjectException">A register cannot be read. Nothing more was destroyed.</exception>
    /// <exception cref="JsonException">A file of the ledger is damaged. Nothing more was destroyed.</exception>
    public async Task<ReplayResult> RunAsync(bool all, CancellationToken cancellation)
    {
        bool holdsRestored = await new HoldsLedger(environment.Data).RestoreAsync(_holds, cancellation);   // before anything is destroyed
        var carriedOut = _register.CarriedOut();
        var recreated = await RecreateAsync(cancellation);
        var (gone, held) = (new List<RecordId>(), new List<RecordId>());
        var done = _ledger.Done();
        foreach (var end in done.Where(end => all || !carriedOut.Contains(end.Disposition)))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var record in end.Records.Where(record => record.Destroyed && environment.Archive.IsThere(record.Id.ToString())))
            {
                (await DestroyAgainAsync(end.Disposition, record.Id) ? gone : held).Add(record.Id);
            }

            if (!carriedOut.Contains(end.Disposition))
            {
                await _register.NoteReplayAsync(end.Disposition, cancellation);
            }
        }

        if (gone.Count > 0)
        {
            await _forgetting.ScourAsync(cancellation);
        }

        var ended = done.Select(end => end.Disposition).Concat(carriedOut).ToHashSet(StringComparer.Ordinal);
        var known = _register.List().Select(one => one.Id).ToHashSet(StringComparer.Ordinal);
        var undecided = _ledger.Begun().Where(intent => !ended.Contains(intent.Disposition) && !known.Contains(intent.Disposition)).SelectMany(intent => intent.Records)
            .Where(record => environment.Archive.IsThere(record.ToString()));
        return new ReplayResult(holdsRestored, gone, held, [.. undecided], recreated);
    }

    // The archive's register says what was destroyed: a ledger that lacks it was lost, or is older.
    private async Task<IReadOnlyList<string>> RecreateAsync(CancellationToken cancellation)
    {
        var recreated = new List<string>();
        foreach (var disposition in _register.List().Where(one => one.EndedAt is not null && _ledger.EndOf(one) is null))
        {
            var outcomes = _register.OutcomesOf(disposition);
            await _ledger.BeginAsync(new LedgerIntent(disposition.Id, disposition.BegunAt ?? disposition.ProposedAt, disposition.ProposalSha512, [.. outcomes.Select(one => one.Id)]), cancellation);
            await _ledger.EndAsync(new LedgerEnd(disposition.Id, disposition.EndedAt ?? disposition.ProposedAt, disposition.ProposalSha512, outcomes), cancellation);
            recreated.Add(disposition.Id);
        }

        return recreated;
    }

    // An older version of what was destroyed: which one does not matter, but a hold does.
    private async Task<bool> DestroyAgainAsync(string disposition, RecordId id)
    {
        using var noHoldArrives = await HoldRegister.TakeAsync(environment.Locks, CancellationToken.None);
        await using var recordStands = await ObjectLocks.TakeAsync(environment.Locks, [id], CancellationToken.None);
        if (environment.Archive.Find(id.ToString()) is not { } found)
        {
            return true;
        }

        if (RecordFamily.HoldsOf(environment.Archive, found, _holds.InForce()).Count > 0)
        {
            return false;
        }

        await environment.Audit.AppendAsync(
            [environment.Audit.Origin.Event(AuditType.Disposition, "replay", AuditAction.Delete, new AuditEntity(AuditEntity.Record, id.ToString(), found.Head.Value), new AuditEntity(AuditEntity.Disposition, disposition))],
            CancellationToken.None);
        await environment.Archive.DestroyAsync(id.ToString(), found.InventoryDigest, cancellation: CancellationToken.None);
        await _forgetting.ForgetAsync([id], CancellationToken.None);
        return true;
    }
}
