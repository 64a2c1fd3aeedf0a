using DocIngest.Archive;
using DocIngest.Assurance.Sources;
using DocIngest.Backup;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Restores;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Disposition;
using DocIngest.Pipeline.Holds;
using DocIngest.Pipeline.People;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.SystemObjects;
using DocIngest.Storage;

namespace DocIngest.Assurance.Recovery;

/// <summary>Brings a data folder back out of a snapshot, what says which records must not come back first.</summary>
/// <remarks>
/// Every step is safe to repeat, whatever a crash has left: what is there is read and held against the backup before it is believed, and only what is missing is fetched.
/// Nothing that differs is written over.
/// </remarks>
/// <param name="repository">Stays the caller's.</param>
/// <param name="terms">How its lock is taken; null for none, where it cannot be written to.</param>
/// <param name="source">The data folder in the backup.</param>
/// <param name="data">The data folder to be.</param>
/// <param name="dataPath">Its absolute path.</param>
public sealed class RecoveryRestore(Repository repository, LockTerms? terms, RecoverySource source, IDurableFolder data, string dataPath)
{
    private const string Aside = $"{DataFolder.Recovery}/staging";

    private static readonly SystemObjectName[] Registers = [HoldRegister.Name, PeopleRegister.Name, DispositionRegister.Name];

    /// <summary>Puts the newest destruction ledger there, with the copies of the register of holds.</summary>
    /// <returns>What was found; without a snapshot, or with problems, nobody knows what was destroyed.</returns>
    /// <exception cref="BackupException">The repository is damaged where everything needs it.</exception>
    /// <exception cref="StorageException">The surroundings fail; the same call goes on.</exception>
    public Task<RestoredLedger> PutLedgerAsync(CancellationToken cancellation) =>
        new DestructionLedgerRestore(repository, DataFolder.Archive, DataFolder.Destruction, terms).PutIntoAsync(source.Folder, source.Snapshot.HostName, dataPath, cancellation);

    /// <summary>Restores audit and configuration. Only before anything is recorded: what is recorded afterwards would be in the way.</summary>
    /// <inheritdoc cref="PutLedgerAsync" path="/exception" />
    public Task<RestoreResult> RestoreFoundationAsync(CancellationToken cancellation) => RunAsync([$"/{DataFolder.Audit}", $"/{DataFolder.Config}"], LeaveOutNothing, null, cancellation);

    /// <summary>Restores what makes an archive of a folder, and the registers of holds, people and dispositions, so that roles are asked and holds hold from then on.</summary>
    /// <returns>The archive, with nothing else in it yet.</returns>
    /// <exception cref="DamagedObjectException">The backup does not give a storage root.</exception>
    /// <inheritdoc cref="PutLedgerAsync" path="/exception" />
    public async Task<IArchive> RestoreRegistersAsync(CancellationToken cancellation)
    {
        await RunAsync(RootFiles, LeaveOutNothing, null, cancellation);
        var archive = Open(data);
        await RunAsync([.. Registers.Select(name => $"/{archive.PathOf(name.ObjectId)}")], LeaveOutNothing, null, cancellation);
        return archive;
    }

    /// <summary>Restores everything else, but for records that were destroyed.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="destroyed">What the ledger says was destroyed.</param>
    /// <param name="isRepeated">Whether all was restored before: then objects that the recovery has changed since are left alone.</param>
    /// <param name="progress">Is told after each file.</param>
    /// <param name="cancellation">Gives up; the same call goes on.</param>
    /// <inheritdoc cref="PutLedgerAsync" path="/exception" />
    public async Task<RestoreResult> RestoreAllAsync(
        IArchive archive, IReadOnlyCollection<RecordId> destroyed, bool isRepeated, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        IEnumerable<string> own = isRepeated ? new[] { HoldRegister.Name.ObjectId, Reports.ReportKey.ObjectId } : [];
        var leftOut = destroyed.Select(id => id.ToString()).Concat(own).Select(id => $"/{archive.PathOf(id)}").ToHashSet(StringComparer.Ordinal);
        string[] staging = isRepeated ? [] : [$"/{DataFolder.Staging}"];   // scans are put together there again, once the service has run
        var result = await RunAsync([$"/{DataFolder.Archive}", $"/{DataFolder.Quarantine}", $"/{DataFolder.Receipts}", .. staging], leftOut, progress, cancellation);
        foreach (var id in destroyed)
        {
            RemoveEmptyAbove(archive.PathOf(id.ToString()));
        }

        return result;
    }

    /// <summary>Scans that were being taken in when the backup was made: how many were put aside, and are there still.</summary>
    public int ScansAside => data.Find(Aside) is null ? 0 : data.List(Aside).Count();

    /// <summary>Puts such scans where no start of the service sweeps them away: it knows nothing of them.</summary>
    /// <inheritdoc cref="PutLedgerAsync" path="/exception" />
    public void PutScansAside()
    {
        string[] scans = data.Find(DataFolder.Staging) is null ? []
            : [.. data.List(DataFolder.Staging).Select(entry => entry.Name).Where(name => name[0] != '.')];   // the others are the archive's, of objects that come or go
        foreach (string name in scans)
        {
            data.CreateFolder(Aside);
            data.DeleteTree($"{Aside}/{name}");   // of a call that was cut short
            data.Move($"{DataFolder.Staging}/{name}", $"{Aside}/{name}");
        }
    }

    // Folders that led to what was left out alone: an archive has no empty ones (OCFL 1.1, E073).
    private void RemoveEmptyAbove(string path)
    {
        for (string? above = Above(path); above is not null && above != DataFolder.Archive && data.DeleteEmptyFolder(above);)
        {
            above = Above(above);
        }
    }

    private static string? Above(string path) => path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : null;

    /// <summary>Fetches one record out of the backup into a folder of its own, as an archive of one object.</summary>
    /// <returns>Null where the backup does not have it.</returns>
    /// <exception cref="DamagedObjectException">The backup does not give it whole.</exception>
    /// <inheritdoc cref="PutLedgerAsync" path="/exception" />
    public async Task<IArchive?> FetchAsync(RecordId id, CancellationToken cancellation)
    {
        await RunAsync(RootFiles, LeaveOutNothing, null, cancellation);
        var archive = Open(data);
        var result = await RunAsync([$"/{archive.PathOf(id.ToString())}"], LeaveOutNothing, null, cancellation);
        return result.Verdict switch
        {
            RestoreVerdict.Nothing => null,
            _ when result.ProblemCounts.ContainsKey(RestoreProblemKind.Damaged) => throw new DamagedObjectException(new Finding(
                FindingCodes.DocumentUnreadable, archive.PathOf(id.ToString()), "The backup does not give this record whole. An earlier snapshot may: 'docingest recover --snapshot', into another folder.")),
            _ => archive,
        };
    }

    private static string[] RootFiles => [.. BackedUpArchive.RootFiles.Select(name => $"/{DataFolder.Archive}/{name}")];

    private static IReadOnlySet<string> LeaveOutNothing { get; } = new HashSet<string>();

    private static OcflStorageRoot Open(IDurableFolder folder) => OcflStorageRoot.Open(folder, DataFolder.Archive, DataFolder.Staging);

    private Task<RestoreResult> RunAsync(string[] include, IReadOnlySet<string> leftOut, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        new RestoreRun(repository, new RestoreOptions { From = source.Folder, Include = include, LeftOut = leftOut }, terms).RunAsync(source.Id, dataPath, progress, cancellation);
}
