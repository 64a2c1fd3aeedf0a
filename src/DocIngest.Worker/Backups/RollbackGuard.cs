using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Audit.Rollback;
using DocIngest.Storage;
using DocIngest.Worker.Hosting;
using DocIngest.Worker.Recovering;
using Microsoft.Extensions.Logging;

namespace DocIngest.Worker.Backups;

/// <summary>Leaves the head of the audit with each backup repository, and compares: a machine that was rolled back does not know what it has left there.</summary>
internal sealed class RollbackGuard
{
    private const string LockName = "audit-head";

    // Deleting waits for it, and the service asks again anyway.
    private static readonly TimeSpan RetryFor = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Workspace _workspace;
    private readonly AuditTrail _audit;
    private readonly OwnChain _chain;
    private readonly DeletionStop _stop;
    private readonly AuditHeadCopies _heads;

    /// <summary>Of a data folder.</summary>
    /// <param name="workspace">The data folder.</param>
    /// <param name="audit">Where this process records.</param>
    /// <param name="logger">Is told of what is found.</param>
    public RollbackGuard(Workspace workspace, AuditTrail audit, ILogger logger)
    {
        _workspace = workspace;
        _audit = audit;
        _chain = new OwnChain(workspace.Data, workspace.Archive.TryOpen, workspace.Time);
        _stop = new DeletionStop(workspace.Data, _chain, audit, workspace.Database, workspace.Time, logger);
        _heads = new AuditHeadCopies(workspace.DataPath);
    }

    /// <summary>Goes on deleting, by the decision of a person.</summary>
    /// <inheritdoc cref="DeletionStop.AcceptAsync" />
    public Task<IReadOnlyList<(long Seq, string Hash)>> AcceptAsync(string reason, CancellationToken cancellation) => _stop.AcceptAsync(reason, cancellation);

    /// <summary>Compares with every repository that is known.</summary>
    /// <exception cref="StorageException">The chain cannot be read, or what was found not recorded: nothing may be deleted.</exception>
    public Task<Comparison> CompareAsync(CancellationToken cancellation) => CompareAsync([], cancellation);

    /// <summary>The same, and with what is known of other places.</summary>
    /// <inheritdoc cref="CompareAsync(CancellationToken)" path="/exception" />
    public async Task<Comparison> CompareAsync(IReadOnlyList<KeptHeads> also, CancellationToken cancellation)
    {
        var id = _chain.Id();
        return await JudgeAsync(
            also, await Repositories(except: null).ForEachAsync((repository, access, _) => _heads.ReadAsync(repository, access, id, cancellation), cancellation), cancellation);
    }

    /// <summary>What a repository knows of the audit that this data folder lacks.</summary>
    /// <exception cref="StorageException">The chain cannot be read.</exception>
    public async Task<IReadOnlyList<KeptHead>> UnknownInAsync(Repository opened, RepositoryAccess access, CancellationToken cancellation) =>
        [.. (await _heads.ReadAsync(opened, access, _chain.Id(), cancellation)).Heads.Where(head => !_chain.Has(head))];

    /// <summary>Compares with one that is open and every other that is known, before something is deleted there.</summary>
    /// <returns>Which of the others could not be asked, in words; this one was.</returns>
    /// <exception cref="RolledBackException">They know of more than this machine. Nothing may be deleted.</exception>
    /// <exception cref="StorageException">The chain cannot be read, or what was found not recorded: nothing may be deleted.</exception>
    /// <exception cref="CommandLine.CommandException">A recovery is not accepted; exit 4. Nothing may be deleted.</exception>
    public async Task<IReadOnlyList<string>> DemandAsync(Repository opened, RepositoryAccess access, CancellationToken cancellation)
    {
        RecoveryGate.DemandAccepted(_workspace.Data);
        var id = _chain.Id();
        var here = await _heads.ReadAsync(opened, access, id, cancellation);
        var others = await Repositories(access.Location).ForEachAsync((repository, other, _) => _heads.ReadAsync(repository, other, id, cancellation), cancellation);
        return (await JudgeAsync([here], others, cancellation)).Demand();
    }

    /// <summary>Leaves the head with every repository that is known, unless it knows of more than this machine.</summary>
    /// <param name="opened">One that is open besides; null for none.</param>
    /// <param name="access">The same.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Where it could not be left, and why, in words.</returns>
    /// <exception cref="RolledBackException">They do; or somebody has found that before, and nobody accepted it. Nothing was left there.</exception>
    /// <exception cref="StorageException">The chain cannot be read. Nothing was left.</exception>
    public async Task<IReadOnlyList<string>> LeaveAsync(Repository? opened, RepositoryAccess? access, CancellationToken cancellation)
    {
        using var held = await _workspace.Locks.AcquireAsync(LockName, Patience, cancellation);   // the file and what is said of it go together
        if (await _chain.NoteHeadAsync(_audit, cancellation) is not { } head)
        {
            return [];
        }

        if (opened is not null && access is not null)
        {
            await LeaveAsync(opened, access, access.LockTerms, head, cancellation);
        }

        var others = await Repositories(access?.Location).ForEachAsync((repository, other, terms) => LeaveAsync(repository, other, terms, head, cancellation), cancellation);
        return [.. others.Where(outcome => outcome.Reach is RepositoryReach.Failed or RepositoryReach.Busy).Select(outcome => $"{outcome.Repository}: {outcome.Problem}")];
    }

    private async Task<KeptHeads> LeaveAsync(Repository repository, RepositoryAccess access, LockTerms terms, KeptHead head, CancellationToken cancellation)
    {
        var there = await _heads.ReadAsync(repository, access, head.Chain, cancellation);
        (await JudgeAsync([there], [], cancellation)).Demand();   // what speaks against this machine stays the newest
        await _heads.LeaveAsync(repository, access, terms, head, cancellation);
        return there;
    }

    private async Task<Comparison> JudgeAsync(IReadOnlyList<KeptHeads> kept, IReadOnlyList<RepositoryOutcome<KeptHeads>> others, CancellationToken cancellation)
    {
        KeptHeads[] places = [.. kept, .. others.Select(outcome => outcome.Value).OfType<KeptHeads>()];
        var strange = await _stop.CompareAsync(places, cancellation);
        return new Comparison(
            [.. strange.Select(one => DeletionStop.Words(one.Place, one.Heads))],
            _stop.Stands,
            [.. places.Select(place => place.Place)],
            [.. others.Where(outcome => outcome.Reach is RepositoryReach.Failed or RepositoryReach.Busy).Select(outcome => $"{outcome.Repository}: {outcome.Problem}")]);
    }

    private ConfiguredRepositories Repositories(RepositoryLocation? except) => new(_workspace.DataPath, _workspace.Options) { RetryFor = RetryFor, Except = except };
}

/// <summary>What came of a comparison.</summary>
/// <param name="Strange">Where more is known than this machine knows, a sentence each.</param>
/// <param name="Stands">Whether a rollback was found, now or before, and nobody has accepted it.</param>
/// <param name="Compared">The repositories that were asked.</param>
/// <param name="NotCompared">Those that could not be asked, and why.</param>
internal sealed record Comparison(IReadOnlyList<string> Strange, bool Stands, IReadOnlyList<string> Compared, IReadOnlyList<string> NotCompared)
{
    /// <summary>Demands that nothing was found.</summary>
    /// <returns><see cref="NotCompared"/>.</returns>
    /// <exception cref="RolledBackException">Something was.</exception>
    public IReadOnlyList<string> Demand() =>
        Strange.Count > 0 ? throw new RolledBackException(string.Join(' ', Strange))
        : Stands ? throw new RolledBackException("It was found before that this machine was rolled back, and nobody has accepted it ('docingest status' tells more): nothing is destroyed, forgotten or pruned until somebody runs 'docingest audit accept-rollback'.")
        : NotCompared;
}
