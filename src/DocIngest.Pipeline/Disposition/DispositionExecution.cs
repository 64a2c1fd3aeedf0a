using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using DocIngest.Archive;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Disposition.Forgetting;
using DocIngest.Pipeline.Holds;
using DocIngest.Pipeline.People;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Retention;
using DocIngest.Pipeline.Signatures;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Disposition;

/// <summary>How an execution ended. Closed: only the cases below exist.</summary>
public abstract record ExecutionOutcome
{
    private ExecutionOutcome()
    {
    }

    /// <summary>It came to its end, now or before.</summary>
    /// <param name="Disposition">As the register has it.</param>
    /// <param name="Records">What became of each.</param>
    /// <param name="Warnings">What is left to be done, in words.</param>
    public sealed record Ended(Proposed Disposition, IReadOnlyList<RecordOutcome> Records, IReadOnlyList<string> Warnings) : ExecutionOutcome;

    /// <summary>It may not be executed, for a reason that is a sentence. Nothing was destroyed.</summary>
    public sealed record Refused(string Why) : ExecutionOutcome;

    /// <summary>The destruction ledger could not be put into every backup. Nothing was destroyed; the same call goes on once it can.</summary>
    public sealed record LedgerNotSaved(IReadOnlyList<string> Problems) : ExecutionOutcome;

    /// <summary>There is no such disposition.</summary>
    public sealed record Absent : ExecutionOutcome;
}

/// <summary>Carries out what was approved: destroys, and says in a signed certificate what is gone and where copies still are.</summary>
/// <remarks>
/// <para>One at a time, under the lock <c>disposition</c>; what a crash after each step leaves:
/// 1 the register says that it has begun (the same call goes on);
/// 2 the ledger names the records, on disk; 3 and in every backup (an archive restored from before knows that these were about to go);
/// 4 records destroyed, some at a time (<see cref="RecordDestroyer"/>); 5 the database scoured;
/// 6 the ledger says what became of each: from here on that holds, and no record is judged again;
/// 7 the ledger in every backup once more (left to the next disposition or backup where that fails, and said);
/// 8 outcomes and certificate in the register.</para>
/// </remarks>
/// <param name="environment">What the pipeline works with.</param>
/// <param name="schedule">The retention schedule.</param>
/// <param name="copies">The backups.</param>
/// <param name="program">Name and version of this program.</param>
public sealed class DispositionExecution(IngestEnvironment environment, RetentionSchedule schedule, ICopiesOfRecords copies, string program)
{
    private const string LockName = "disposition";
    private const string Method =
        "In the archive: every file of every version unlinked, and the catalog, receipts and caches rewritten without it. In backups: snapshots are forgotten by their policy; each prune after that rewrites every pack with unused blobs and removes it.";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly DispositionRegister _register = new(environment.SystemObjects, environment.Actor, environment.Time);
    private readonly PeopleRegister _people = new(environment.SystemObjects, environment.Actor, environment.Time);
    private readonly HoldRegister _holds = new(environment.SystemObjects, environment.Data, environment.Locks, environment.Actor, environment.Time);
    private readonly DestructionLedger _ledger = new(environment.Data);

    /// <summary>Executes a disposition, or goes on with it.</summary>
    /// <param name="number">Which.</param>
    /// <param name="progress">Records decided so far.</param>
    /// <param name="cancellation">Heeded until it comes to its end; the same call goes on.</param>
    /// <exception cref="LockHeldException">Another one is being executed.</exception>
    /// <exception cref="DamagedObjectException">The registers cannot be read. The same call goes on once they can.</exception>
    /// <exception cref="Audit.Rollback.RolledBackException">This machine was rolled back. Nothing was destroyed but what had been before.</exception>
    /// <exception cref="StorageUnavailableException">Whether it was, some backups could not be asked. The same call goes on once they can.</exception>
    public async Task<ExecutionOutcome> RunAsync(int number, Action<int>? progress, CancellationToken cancellation)
    {
        using var held = await environment.Locks.AcquireAsync(LockName, Patience, cancellation);
        if (_register.Find(number) is not { } approved)
        {
            return new ExecutionOutcome.Absent();
        }

        await new LedgerReplay(environment).RunAsync(cancellation);   // an archive that was restored is brought up to date first, its holds above all
        var destroyer = new RecordDestroyer(environment, schedule, _holds);
        var before = _register.List().Single(one => one.Number == number);
        if (before.EndedAt is not null)
        {
            var known = _register.OutcomesOf(before);
            await destroyer.ForgetAsync(known.Where(one => one.Destroyed).Select(one => one.Id), cancellation);
            return new ExecutionOutcome.Ended(before, known, await FinishForgettingAsync(destroyer, cancellation));
        }

        if (LedgersObjection(before) is { } why)
        {
            return new ExecutionOutcome.Refused(why);   // before the register says that it has begun
        }

        await copies.DemandNotRolledBackAsync(cancellation);   // likewise
        if (await new StandingProtection(environment.Archive).ObjectionAsync(approved.Records, _holds.InForce, cancellation) is { } waits)
        {
            return new ExecutionOutcome.Refused(waits);   // likewise: the same call goes on once nothing protects them
        }

        var people = _people.Read();
        return await _register.BeginAsync(number, people, cancellation) switch   // 1
        {
            DispositionOutcome.Changed begun => await CarryOutAsync(begun.Disposition, approved, people, destroyer, progress, cancellation),
            DispositionOutcome.Refused refused => new ExecutionOutcome.Refused(refused.Why),
            DispositionOutcome.Absent => new ExecutionOutcome.Absent(),
            _ => throw new UnreachableException(),
        };
    }

    // What the ledger knows and a register of an older archive does not.
    private string? LedgersObjection(Proposed disposition) =>
        _ledger.HasAnother(disposition) ? $"The destruction ledger has another {disposition.Id}: propose these records anew."
        : disposition.Rejected is null && _ledger.IsRejected(disposition) ? $"{disposition.Id} was rejected; the archive is from before that."
        : null;

    private async Task<ExecutionOutcome> CarryOutAsync(
        Proposed disposition, (Proposal Proposal, IReadOnlyList<ProposedRecord> Records) approved, PeopleDocument people, RecordDestroyer destroyer, Action<int>? progress,
        CancellationToken cancellation)
    {
        await _holds.CopyAsync(cancellation);
        await _ledger.BeginAsync(new LedgerIntent(disposition.Id, disposition.BegunAt ?? environment.Time.GetUtcNow(), disposition.ProposalSha512, [.. approved.Records.Select(one => one.Id)]), cancellation);   // 2
        if (await copies.SaveLedgerAsync(cancellation) is { Count: > 0 } problems)   // 3
        {
            return new ExecutionOutcome.LedgerNotSaved(problems);
        }

        var (outcomes, holdsReadAt) = await DestroyAsync(disposition, approved, destroyer, progress, cancellation);   // 4
        var warnings = new List<string>(await FinishForgettingAsync(destroyer, cancellation));   // 5
        using var signer = await ServiceSigner.OpenOrCreateAsync(environment.OpenKeys(), ServiceKey.Destruction, environment.Time, cancellation);
        await _ledger.EndAsync(
            new LedgerEnd(disposition.Id, environment.Time.GetUtcNow(), disposition.ProposalSha512, holdsReadAt, outcomes), signer, environment.Time.GetUtcNow(), CancellationToken.None);   // 6
        warnings.AddRange((await copies.SaveLedgerAsync(cancellation)).Select(problem => $"The ledger's last word is not in every backup yet: {problem}"));   // 7
        var found = await copies.FindAsync(PathsOf(outcomes), cancellation);
        var certificate = await CertifyAsync(disposition, approved, outcomes, found, RepositoryAccounts.Of(found, [], [], []), holdsReadAt, prior: null, people, cancellation);
        return await _register.EndAsync(disposition.Number, outcomes, certificate, cancellation) is DispositionOutcome.Changed ended   // 8
            ? new ExecutionOutcome.Ended(ended.Disposition, outcomes, warnings)
            : new ExecutionOutcome.Absent();
    }

    private async Task<(IReadOnlyList<RecordOutcome> Outcomes, DateTimeOffset? HoldsReadAt)> DestroyAsync(
        Proposed disposition, (Proposal Proposal, IReadOnlyList<ProposedRecord> Records) approved, RecordDestroyer destroyer, Action<int>? progress, CancellationToken cancellation)
    {
        if (_ledger.EndOf(disposition) is { } end)
        {
            return (Believe(disposition, approved.Records, end), end.HoldsReadAt);
        }

        var outcomes = new List<RecordOutcome>();
        await destroyer.DestroyAsync(
            disposition.Id, approved.Records, approved.Proposal.Classes, DestroyedBefore(disposition),
            outcome =>
            {
                outcomes.Add(outcome);
                progress?.Invoke(outcomes.Count);
            },
            cancellation);
        return (outcomes, destroyer.HoldsReadAt);
    }

    // What no snapshot refers to may lie in packs until a prune of that very repository has rewritten them.
    private IReadOnlyList<RepositoryAccount> AccountsOf(FoundCopies found, Proposed disposition, DestructionCertificate before) => RepositoryAccounts.Of(
        found, RepositoryAccounts.Before(before), EndedPrune.Read(AuditLog.Read(environment.Data, new AuditQuery { From = disposition.EndedAt })), disposition.DeclaredGone);

    // Nothing is certified on the ledger's word alone: what it says is gone must be.
    private IReadOnlyList<RecordOutcome> Believe(Proposed disposition, IReadOnlyList<ProposedRecord> approved, LedgerEnd end) =>
        end.Records.Select(one => one.Id).SequenceEqual(approved.Select(one => one.Id))
            ? [.. end.Records.Select(one => one.Destroyed && environment.Archive.IsThere(one.Id.ToString()) ? one with { Destroyed = false, Kept = "it came back with a restored archive, and something speaks for keeping it" } : one)]
            : throw new DamagedObjectException(new Finding(FindingCodes.DocumentUnreadable, DataFolder.Destruction, $"What the destruction ledger says of {disposition.Id} is not of the records that were approved."));

    // What is gone counts as destroyed by this disposition only where the audit says that it was about to.
    private Dictionary<RecordId, DateTimeOffset> DestroyedBefore(Proposed disposition) => AuditLog.Read(environment.Data, new AuditQuery { From = disposition.BegunAt })
        .Where(entry => IsDestruction(entry.Json, disposition.Id))
        .SelectMany(entry => entry.Json.GetProperty("entities").EnumerateArray().Select(entity => (entity, entry.Time)))
        .Where(one => one.entity.GetProperty("kind").ValueEquals(AuditEntity.Record) && RecordId.TryParse(one.entity.GetProperty("id").GetString(), out _))
        .GroupBy(one => RecordId.Parse(one.entity.GetProperty("id").GetString()!), one => one.Time)   // '!': it was read
        .ToDictionary(group => group.Key, group => group.Max());

    private static bool IsDestruction(JsonElement entry, string disposition) =>
        entry.GetProperty("type").ValueEquals(AuditType.Disposition) && entry.GetProperty("subtype").ValueEquals("destroy") && entry.GetProperty("outcome").ValueEquals(AuditOutcome.Success)
        && entry.GetProperty("entities").EnumerateArray().Any(entity => entity.GetProperty("kind").ValueEquals(AuditEntity.Disposition) && entity.GetProperty("id").ValueEquals(disposition));

    private static async Task<IReadOnlyList<string>> FinishForgettingAsync(RecordDestroyer destroyer, CancellationToken cancellation)
    {
        string[] untold = [.. destroyer.UntoldProfiles.Select(profile => $"The feedback folder of profile {profile} does not answer: receipts there name files of records that are gone. Run 'retention execute' again once it does.")];
        return await destroyer.ScourAsync(cancellation) switch
        {
            ScouringResult.Clean => untold,
            ScouringResult.RebuildRuns => [.. untold, "The catalog is being rebuilt. Run 'retention execute' again after it, so that its file is written anew without what was destroyed."],
            ScouringResult.LogInUse => [.. untold, "Somebody reads the catalog: its log still holds traces of what was destroyed. Run 'retention execute' again."],
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>Looks again where copies of a disposition that has ended are; where none is left, signs the last certificate.</summary>
    /// <returns>The disposition, and the snapshots that still hold some of it; null where there is none, or it has not ended.</returns>
    public async Task<(Proposed Disposition, FoundCopies Copies)?> CertifyAgainAsync(int number, CancellationToken cancellation)
    {
        using var held = await environment.Locks.AcquireAsync(LockName, Patience, cancellation);
        if (_register.List().FirstOrDefault(one => one.Number == number) is not { EndedAt: not null } disposition || _register.Find(number) is not { } approved)
        {
            return null;
        }

        var outcomes = _register.OutcomesOf(disposition);
        var (prior, before) = _register.LastCertificateOf(disposition);
        var found = await copies.FindAsync(PathsOf(outcomes), cancellation);
        var accounts = AccountsOf(found, disposition, before);
        found = found with { Unclear = [.. found.Unclear, .. accounts.Select(one => one.InWords(disposition.Id)).OfType<string>()] };
        if (found.AreNone == disposition.IsGoneEverywhere && !accounts.Any(one => IsNew(one, before)))
        {
            return (disposition, found);   // nothing new to say; a backup that was begun before, and ended after, is
        }

        var certificate = await CertifyAsync(disposition, approved, outcomes, found, accounts, before.HoldsReadAt, prior, _people.Read(), cancellation);
        return await _register.CertifyAsync(number, certificate, cancellation) is DispositionOutcome.Changed changed ? (changed.Disposition, found) : null;
    }

    // What the next certificate must know: a repository or snapshot that no certificate names yet.
    private static bool IsNew(RepositoryAccount account, DestructionCertificate before) =>
        before.Repositories.FirstOrDefault(one => one.Is(account.Repository, account.RepositoryId)) is not { } known
        || account.Held.Any(held => !known.Held.Any(one => one.Snapshot == held.Snapshot));

    private async Task<SignedCertificate> CertifyAsync(
        Proposed disposition, (Proposal Proposal, IReadOnlyList<ProposedRecord> Records) approved, IReadOnlyList<RecordOutcome> outcomes, FoundCopies found,
        IReadOnlyList<RepositoryAccount> repositories, DateTimeOffset? holdsReadAt, byte[]? prior, PeopleDocument people, CancellationToken cancellation)
    {
        var now = environment.Time.GetUtcNow();
        var gone = outcomes.Where(one => one.Destroyed).ToDictionary(one => one.Id);
        var destroyed = approved.Records.Where(record => gone.ContainsKey(record.Id)).ToList();
        var ended = disposition.EndedAt ?? now;
        var certificate = new DestructionCertificate(
            disposition.Id, disposition.Certificates + 1, now, Statement(destroyed.Count, found), prior is null ? null : Convert.ToHexStringLower(SHA512.HashData(prior)),
            approved.Proposal, disposition.ProposalSha512,
            [.. disposition.Approvals.Select((approval, at) => new CertifiedApproval(approval.Person, people.Find(approval.Person)?.Name ?? "", approval.At, people.Find(approval.Person)?.Certificate ?? "", $"approval-{at + 1}.p7s"))],
            new CertifiedExecutor(environment.Actor.Address, Environment.MachineName, program), Method, holdsReadAt,
            [.. destroyed.Select(record => new CertifiedRecord(record.Id, record.RecordClass, record.DueDate, record.Triggers, record.Versions, record.Files, record.Bytes, record.InventorySha512, gone[record.Id].At))],
            [.. outcomes.Where(one => !one.Destroyed)],
            destroyed.Count == 0 ? null : new InclusiveDates(DateOnly.FromDateTime(destroyed.Min(one => one.ReceivedAt).UtcDateTime), DateOnly.FromDateTime(destroyed.Max(one => one.ReceivedAt).UtcDateTime)),
            found.Snapshots, found.Unclear, [.. schedule.ForeignCopies.Select(copy => new ForeignCopy(copy.Name, DateOnly.FromDateTime(ended.UtcDateTime).AddDays(copy.KeptDays)))])
        {
            Repositories = repositories,
        };
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(certificate, DispositionJson.Instance.DestructionCertificate);
        using var signer = await ServiceSigner.OpenOrCreateAsync(environment.OpenKeys(), ServiceKey.Destruction, environment.Time, cancellation);
        return new SignedCertificate(json, signer.Sign(json, now), System.Text.Encoding.ASCII.GetBytes(signer.CertificatePem), found.AreNone);
    }

    private static string Statement(int destroyed, FoundCopies found) =>
        $"{destroyed} record(s) were destroyed in the normal course of business, pursuant to the retention schedule named here, after the approvals named here. "
        + (found.AreNone ? "No snapshot in the backup repositories of this system refers to any of them, and each repository that held some was pruned since, or declared gone by the person named here."
            : $"{found.Snapshots.Count} snapshot(s) of backups still hold some of them{(found.Unclear.Count == 0 ? "" : ", and of some backups it could not be told")}; another certificate follows when none does.");

    private IReadOnlyList<(RecordId Record, string Path)> PathsOf(IReadOnlyList<RecordOutcome> outcomes) =>
        [.. outcomes.Where(one => one.Destroyed).Select(one => (one.Id, environment.Archive.PathOf(one.Id.ToString())))];
}
