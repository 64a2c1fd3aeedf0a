using DocIngest.Archive;
using DocIngest.Assurance.Recovery;
using DocIngest.Assurance.Reports;
using DocIngest.Backup;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Restores;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Audit;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Recovering;
using DocIngest.Pipeline.Signatures;
using DocIngest.Storage;
using DocIngest.Worker.Backups;
using DocIngest.Worker.CommandLine;
using DocIngest.Worker.Configuration;
using DocIngest.Worker.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace DocIngest.Worker.Recovering;

/// <summary>Makes a data folder out of a backup: what must not come back first, single records as soon as possible, then everything, then the comparison.</summary>
/// <remarks>
/// <para>The steps, each safe to repeat; a process that dies leaves the rest to the next call: 1 the folder is this recovery's; 2 the destruction ledger and copies of the register of holds;
/// 3 audit and configuration (<see cref="RecoveryStage.Founded"/>: from here on what happens is recorded, and these two are not restored again); 4 without a ledger, two people;
/// 5 registers and root of the archive (<see cref="RecoveryStage.Restoring"/>: <c>get</c>); 6 everything but what was destroyed, scans in staging put aside (<see cref="RecoveryStage.Restored"/>); 7 newer holds, new keys, catalog,
/// comparison (<see cref="RecoveryStage.Finished"/>: the service may run). Deleting stays off until a person accepts.</para>
/// </remarks>
/// <param name="access">The repository.</param>
/// <param name="opened">The same, open.</param>
/// <param name="source">What is recovered.</param>
/// <param name="data">The folder that it is recovered to. The caller holds the lock of recoveries there.</param>
/// <param name="namedConfig">A configuration that was named; null for the one in the backup.</param>
/// <param name="takesNoLock">Whether the repository cannot be written to.</param>
/// <param name="output">Takes words on the way.</param>
internal sealed class RecoveryCourse(
    RepositoryAccess access, Repository opened, RecoverySource source, IDurableFolder data, string? namedConfig, bool takesNoLock, CommandOutput output)
{
    private readonly RecoveryRestore _restore = new(opened, takesNoLock ? null : access.LockTerms, source, data, access.DataPath);
    private readonly List<string> _findings = [];
    private readonly long _began = access.Time.GetTimestamp();

    /// <summary>Goes on from where it is.</summary>
    /// <param name="state">How far it is: written already.</param>
    /// <param name="cancellation">Gives up; the same call goes on.</param>
    /// <exception cref="BackupException">The repository is damaged where everything needs it.</exception>
    /// <exception cref="StorageException">The surroundings fail; the same call goes on.</exception>
    /// <exception cref="DamagedObjectException">The backup gives no storage root, or a ledger that cannot be read.</exception>
    public async Task<RecoveryOutcome> RunAsync(RecoveryState state, CancellationToken cancellation)
    {
        RecoveringRecord.RemoveLeft(data);
        var (ledger, problem) = await PutLedgerAsync(cancellation);   // 2
        state = await RestoreFoundationAsync(state, cancellation);   // 3
        using var workspace = Workspace.OpenOrCreate(access.DataPath, LoadConfig());
        await workspace.MakeKeysAsync(cancellation);   // by them the service is known, and who may not accept
        var records = new RecoveryRecords(workspace, state);
        await records.SetAlarmAsync(stands: true, cancellation);
        await records.NoteOnceAsync("begin", one => one with { Entities = [.. one.Entities, new AuditEntity(AuditEntity.Snapshot, state.Snapshot), new AuditEntity(AuditEntity.Repository, state.RepositoryId)] }, cancellation);
        var accepted = problem is null ? [] : records.AcceptedWithoutLedger();
        var outcome = Describe(state, ledger, accepted);
        if (problem is not null && accepted.Count < RecoveryRecords.PeopleWithoutLedger)   // 4
        {
            await records.NoteOnceAsync("no-ledger", static one => one, cancellation);
            return await WriteAsync(outcome with { Result = RecoveryOutcome.Stopped, Findings = [problem] }, cancellation);
        }

        if (problem is not null)
        {
            _findings.Add($"{problem} {string.Join(" and ", accepted)} have accepted that: records that were destroyed may have come back.");
        }

        return await WriteAsync(await RestoreAsync(workspace, records, state, outcome, cancellation), cancellation);
    }

    private async Task<(RestoredLedger? Ledger, string? Problem)> PutLedgerAsync(CancellationToken cancellation)
    {
        try
        {
            var ledger = await _restore.PutLedgerAsync(cancellation);
            if (ledger.SnapshotsUnread > 0)
            {
                _findings.Add($"{ledger.SnapshotsUnread} snapshots cannot be read: a newer backup, or a newer destruction ledger, may be among them.");
            }

            return ledger switch
            {
                { Snapshot: null } => (null, "The repository has no destruction ledger of this data folder: which records were destroyed, and which holds were placed last, nobody knows."),
                { Problems: [var first, ..] } => (ledger, $"The destruction ledger of {ledger.Time} cannot be restored whole ({first.Message}): not all that was destroyed is known."),
                _ => (ledger, null),
            };
        }
        catch (DamagedRepositoryException damage)
        {
            return (null, $"The destruction ledger cannot be read: {damage.Message}");
        }
    }

    private async Task<RecoveryState> RestoreFoundationAsync(RecoveryState state, CancellationToken cancellation)
    {
        if (state.Stage < RecoveryStage.Founded)
        {
            var result = await _restore.RestoreFoundationAsync(cancellation);
            string[] problems =
            [
                .. result.Problems.Select(problem => $"{RawName.ToDisplay(problem.Path)}: {problem.Message} Audit and configuration are restored once: after mending the repository, recover into another, empty folder."),
            ];
            state = await (state with { Stage = RecoveryStage.Founded, FoundationProblems = problems }).WriteAsync(data, cancellation);
        }

        _findings.AddRange(state.FoundationProblems);
        return state;
    }

    // Places that the lost machine had need not be here: recovering goes on, and a person mends it.
    private DocIngestOptions LoadConfig()
    {
        try
        {
            return ConfigFile.Load(access.DataPath, namedConfig);
        }
        catch (ConfigException error)
        {
            _findings.Add($"The configuration {error.File} cannot be used here: {string.Join(" ", error.Faults.Select(fault => $"{fault.Path} {fault.Message}"))} Mend it; until then no command works on this folder.");
            return new DocIngestOptions();
        }
    }

    private async Task<RecoveryOutcome> RestoreAsync(Workspace workspace, RecoveryRecords records, RecoveryState state, RecoveryOutcome outcome, CancellationToken cancellation)
    {
        bool isRepeated = state.Stage >= RecoveryStage.Restored;
        var destroyed = RecoveredRecords.Destroyed(data);
        var archive = await _restore.RestoreRegistersAsync(cancellation);   // 5
        if (state.Stage < RecoveryStage.Restoring)
        {
            state = await (state with { Stage = RecoveryStage.Restoring }).WriteAsync(data, cancellation);
        }

        double first = Seconds();
        output.Remark($"Single records can be fetched from now on: docingest --data {access.DataPath} get ID");
        long removed = isRepeated ? 0 : RemoveDestroyed(archive, destroyed);   // once people work with it, records go in one way only
        var files = await ProgressBar.RunAsync(
            output.ShowsProgress, "Restoring", progress => _restore.RestoreAllAsync(archive, destroyed, isRepeated, progress, cancellation));   // 6
        if (files.ProblemCount > 0)
        {
            _findings.Add($"{files.ProblemCount:N0} entries of the backup are not there as it has them; all others are. They are listed under files. Once the repository is mended, the same command fetches them.");
        }

        if (!isRepeated)
        {
            _restore.PutScansAside();
        }

        if (_restore.ScansAside is > 0 and var scans)
        {
            _findings.Add($"{scans:N0} scans were being taken in when the backup was made: {DataFolder.Recovery}/staging has what was copied of them. Look whether they were filed, else drop 'original' of each again, and delete that folder.");
        }

        if (!isRepeated)
        {
            state = await (state with { Stage = RecoveryStage.Restored }).WriteAsync(data, cancellation);
        }

        return await SettleAsync(workspace, records, state, outcome with { Files = RestoredFiles.Of(files), RemovedAgain = removed, SecondsToFirstRecord = first }, cancellation);
    }

    // Of a ledger that became newer while it was restored: nothing is deleted that anybody has seen.
    private long RemoveDestroyed(IArchive archive, IReadOnlySet<RecordId> destroyed)
    {
        string[] back = [.. archive.WhichAreThere([.. destroyed.Select(id => id.ToString())])];
        foreach (string id in back)
        {
            data.DeleteTree(archive.PathOf(id));
        }

        return back.Length;
    }

    // 7
    private async Task<RecoveryOutcome> SettleAsync(Workspace workspace, RecoveryRecords records, RecoveryState state, RecoveryOutcome outcome, CancellationToken cancellation)
    {
        var archive = workspace.OpenArchive();
        bool holdsPutBack = await WhereSoundAsync("the register of holds", () => workspace.HoldsIn(archive).BringUpToDateAsync(cancellation));
        var keys = await WhereSoundAsync("the statements of the keys of reports", () => AnnounceKeysAsync(workspace, archive, records, cancellation));
        long inCatalog = await FillCatalogAsync(workspace, archive, cancellation);
        var count = await new RecoveredRecords(data, archive, workspace.Locks, source.Time, workspace.Time)
            .CompareAsync(access.Volumes.Open(Path.Combine(access.DataPath, DataFolder.Archive)), cancellation);
        _findings.AddRange(count.Findings.Select(finding => finding.Text));
        if (count.Undecided.Count > 0)
        {
            _findings.Add($"{count.Undecided.Count:N0} records were about to be destroyed, and nobody knows whether they were: they are there.");
        }

        var heads = await new RollbackGuard(workspace, workspace.Audit, NullLogger.Instance).UnknownInAsync(opened, access, cancellation);
        bool isWell = _findings.Count == 0;
        await records.NoteAsync("end", one => one with { Outcome = isWell ? AuditOutcome.Success : AuditOutcome.Failure, Count = count.Present }, cancellation);
        await (state with { Stage = RecoveryStage.Finished, Heads = [.. heads.Select(head => new RecoveryHead(head.Chain.Hex, head.Seq, head.Hash.Hex))] }).WriteAsync(data, cancellation);
        return outcome with
        {
            Result = isWell ? RecoveryOutcome.Recovered : RecoveryOutcome.WithFindings,
            HoldsPutBack = holdsPutBack,
            Keys = keys,
            CatalogRecords = inCatalog,
            Records = count,
            LostAuditEntries = Math.Max(0, heads.Select(head => head.Seq).DefaultIfEmpty(0).Max() - ((records.Find("begin")?.Seq ?? 1) - 1)),
            Findings = [.. _findings],
            SecondsToAll = Seconds(),
        };
    }

    // One object that the backup does not give whole must not keep everything else from a person.
    private async Task<T?> WhereSoundAsync<T>(string what, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception error) when (error is DamagedObjectException or FixityException)
        {
            _findings.Add($"In the archive {what} cannot be read: {error.Message} Mend the repository and run the same command again, or recover an earlier snapshot into another folder.");
            return default;
        }
    }

    // The former are gone with the machine, and backups never hold them. That of the audit's days is announced when the next day is closed.
    private static async Task<NewKeys> AnnounceKeysAsync(Workspace workspace, IArchive archive, RecoveryRecords records, CancellationToken cancellation)
    {
        using var reports = await new ReportKey(workspace.SystemObjectsOf(archive), workspace.Data, workspace.OpenKeys, workspace.Audit, workspace.Locks, workspace.Time).OpenAsync(cancellation);
        using var destruction = await ServiceSigner.OpenOrCreateAsync(workspace.OpenKeys(), ServiceKey.Destruction, workspace.Time, cancellation);
        var keys = new NewKeys(SignedReport.FingerprintOf(reports.CertificatePem), SignedReport.FingerprintOf(destruction.CertificatePem));
        await records.NoteOnceAsync("keys", one => one with { Action = AuditAction.Update, Digest = keys.Destruction.Replace(":", "", StringComparison.Ordinal).ToLowerInvariant() }, cancellation);
        return keys;
    }

    private async Task<long> FillCatalogAsync(Workspace workspace, IArchive archive, CancellationToken cancellation)
    {
        using var held = workspace.Locks.TryAcquire(CatalogRebuild.LockName) ?? throw new CommandException(ExitCode.Busy, "The catalog is being rebuilt. Run the same command again.");
        var (summary, damages) = await CatalogCommands.FillAsync(workspace, archive, output.ShowsProgress, cancellation);
        _findings.AddRange(damages.Select(damage => $"{damage.Code} {damage.Path}: {damage.Message} It is not in the catalog."));
        return summary.Records;
    }

    private RecoveryOutcome Describe(RecoveryState state, RestoredLedger? ledger, IReadOnlyList<string> accepted) => new()
    {
        Id = state.Id,
        Result = RecoveryOutcome.WithFindings,
        DataFolder = access.DataPath,
        Repository = state.Repository,
        Snapshot = state.Snapshot,
        BackedUpAt = state.BackedUpAt,
        Host = state.Host,
        Ledger = new LedgerFound(ledger?.Snapshot?.ToString(), ledger?.Time?.ToString(), accepted),
        Elsewhere = [.. source.Snapshot.Paths.Where(path => !IsOfDataFolder(path)).Select(RawName.ToDisplay)],
        Findings = [],
    };

    // As the machine named it that was lost: with a drive and backslashes, perhaps.
    private bool IsOfDataFolder(string path)
    {
        string plain = path.Replace('\\', '/').Replace(":", "", StringComparison.Ordinal).Trim('/');
        string folder = string.Join('/', source.Folder);
        return plain == folder || plain.StartsWith(folder + "/", StringComparison.Ordinal) || folder.StartsWith(plain + "/", StringComparison.Ordinal);
    }

    private async Task<RecoveryOutcome> WriteAsync(RecoveryOutcome outcome, CancellationToken cancellation)
    {
        await outcome.WriteAsync(data, cancellation);
        return outcome;
    }

    private double Seconds() => Math.Round(access.Time.GetElapsedTime(_began).TotalSeconds, 2);
}
