using DocIngest.Archive;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Disposition.Forgetting;
using DocIngest.Pipeline.Filing;
using DocIngest.Pipeline.Holds;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Recovering;
using DocIngest.Pipeline.Signatures;

namespace DocIngest.Pipeline.Disposition;

/// <summary>What a replay came to.</summary>
/// <param name="HoldsRestored">Whether the archive's register of holds was older than its copy.</param>
/// <param name="DestroyedAgain">Records that had come back and are gone again.</param>
/// <param name="Kept">Records that came back and stay: a hold covers them, they have a version that nobody approved, are in use or damaged.</param>
/// <param name="Undecided">Records whose destruction had begun when the ledger was saved, and of which it does not say what became: they stay.</param>
/// <param name="Unproven">Dispositions of which the ledger says that they were carried out, without a signature of this service: nothing of them was destroyed again.</param>
/// <param name="Recreated">Dispositions that the archive knows and the ledger did not: written into it again.</param>
public sealed record ReplayResult(
    bool HoldsRestored, IReadOnlyList<RecordId> DestroyedAgain, IReadOnlyList<RecordId> Kept, IReadOnlyList<RecordId> Undecided, IReadOnlyList<string> Unproven, IReadOnlyList<string> Recreated)
{
    /// <summary>Whether there was anything to do or to tell.</summary>
    public bool IsEmpty => !HoldsRestored && DestroyedAgain.Count + Kept.Count + Undecided.Count + Unproven.Count + Recreated.Count == 0;
}

/// <summary>After an older archive was restored: puts the holds placed since back, and then destroys again what the ledger says was destroyed.</summary>
/// <remarks>
/// The ledger is believed where the service signed it (<c>keys/destruction-signing.pem</c>): whoever may write the data folder must not destroy by writing a file. On another
/// machine, whose key is another, an administrator says that it is to be trusted.
/// </remarks>
/// <param name="environment">What the pipeline works with.</param>
public sealed class LedgerReplay(IngestEnvironment environment)
{
    private const int AtOnce = 50;

    private readonly DestructionLedger _ledger = new(environment.Data);
    private readonly DispositionRegister _register = new(environment.SystemObjects, environment.Actor, environment.Time);
    private readonly HoldRegister _holds = new(environment.SystemObjects, environment.Data, environment.Locks, environment.Actor, environment.Time);
    private readonly RecordForgetting _forgetting = new(environment);

    /// <summary>Does what is to be done. Safe to repeat. While a recovery is not accepted nothing is destroyed, and holds alone are put back.</summary>
    /// <param name="cancellation">Heeded between records.</param>
    /// <param name="trustsLedger">Whether to believe the ledger without a signature of this service.</param>
    /// <exception cref="DamagedObjectException">A register or a file of the ledger cannot be read. Nothing more was destroyed.</exception>
    public async Task<ReplayResult> RunAsync(CancellationToken cancellation, bool trustsLedger = false)
    {
        bool holdsRestored = await _holds.BringUpToDateAsync(cancellation);   // before anything is destroyed
        if (RecoveryState.Open(environment.Data) is not null)
        {
            return new ReplayResult(holdsRestored, [], [], [], [], []);   // the recovery has left them out; a person accepts that first
        }

        var (gone, kept, unproven) = (new List<RecordId>(), new List<RecordId>(), new List<string>());
        var carriedOut = _register.CarriedOut();
        var recreated = await RecreateAsync(cancellation);
        var done = _ledger.Done();
        var trusted = done.Count == 0 ? [] : ServiceSigner.CertificateOf(environment.OpenKeys(), ServiceKey.Destruction);
        var came = environment.Archive.WhichAreThere([.. done.SelectMany(end => end.Records).Where(record => record.Destroyed).Select(record => record.Id.ToString()).Distinct()]);
        foreach (var end in done)
        {
            bool isKnown = carriedOut.Contains(end.Disposition);
            var back = end.Records.Where(record => record.Destroyed && came.Contains(record.Id.ToString())).ToList();
            if (isKnown && back.Count == 0)
            {
                continue;
            }

            if (!isKnown && !trustsLedger && !_ledger.IsSigned(end, trusted))
            {
                unproven.Add(end.Disposition);
                continue;
            }

            foreach (var record in back)
            {
                cancellation.ThrowIfCancellationRequested();
                (await DestroyAgainAsync(end.Disposition, record) ? gone : kept).Add(record.Id);
            }

            await ForgetAsync(end, isKnown ? back : end.Records, cancellation);
            if (!isKnown)
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
        return new ReplayResult(holdsRestored, gone, kept, [.. undecided], unproven, recreated);
    }

    // Also what is gone: whoever died between may have left what the catalog knows of it.
    private async Task ForgetAsync(LedgerEnd end, IReadOnlyList<RecordOutcome> records, CancellationToken cancellation)
    {
        foreach (var some in records.Where(record => record.Destroyed).Select(record => record.Id).Chunk(AtOnce))
        {
            IReadOnlySet<RecordId> scans;
            await using (await ObjectLocks.TakeAsync(environment.Locks, some, cancellation))
            {
                scans = await _forgetting.ForgetHereAsync([.. some.Where(id => !environment.Archive.IsThere(id.ToString()))], cancellation);
            }

            await _forgetting.TellFeedbackAsync(scans, except: [], cancellation);
        }
    }

    // The archive's register says what was destroyed: a ledger that lacks it was lost, or is older.
    private async Task<IReadOnlyList<string>> RecreateAsync(CancellationToken cancellation)
    {
        var recreated = new List<string>();
        foreach (var disposition in _register.List().Where(one => one.EndedAt is not null && _ledger.EndOf(one) is null))
        {
            using var signer = await ServiceSigner.OpenOrCreateAsync(environment.OpenKeys(), ServiceKey.Destruction, environment.Time, cancellation);
            var outcomes = _register.OutcomesOf(disposition);
            await _ledger.BeginAsync(new LedgerIntent(disposition.Id, disposition.BegunAt ?? disposition.ProposedAt, disposition.ProposalSha512, [.. outcomes.Select(one => one.Id)]), cancellation);
            await _ledger.EndAsync(new LedgerEnd(disposition.Id, disposition.EndedAt ?? disposition.ProposedAt, disposition.ProposalSha512, null, outcomes), signer, environment.Time.GetUtcNow(), cancellation);
            recreated.Add(disposition.Id);
        }

        return recreated;
    }

    // The versions that were approved to go, or older ones: what came since, nobody approved.
    private async Task<bool> DestroyAgainAsync(string disposition, RecordOutcome record)
    {
        using var noHoldArrives = await HoldRegister.TakeAsync(environment.Locks, CancellationToken.None);
        await using var recordStands = await ObjectLocks.TakeAsync(environment.Locks, [record.Id], CancellationToken.None);
        try
        {
            if (environment.Archive.Find(record.Id.ToString()) is not { } found)
            {
                return true;
            }

            if (found.Head.Value > record.Versions || _forgetting.WorkOn(record.Id).IsBusy || RecordFamily.HoldsOf(environment.Archive, found, _holds.InForce()).Count > 0)
            {
                return false;
            }

            await environment.Audit.AppendAsync(
                [environment.Audit.Origin.Event(AuditType.Disposition, "replay", AuditAction.Delete, new AuditEntity(AuditEntity.Record, record.Id.ToString(), found.Head.Value), new AuditEntity(AuditEntity.Disposition, disposition))],
                CancellationToken.None);
            return await environment.Archive.DestroyAsync(record.Id.ToString(), found.InventoryDigest, cancellation: CancellationToken.None) is DestroyOutcome.Destroyed or DestroyOutcome.AlreadyGone;
        }
        catch (Exception error) when (error is DamagedObjectException or FixityException)
        {
            return false;   // told as kept: nobody can say what it is
        }
    }
}
