using DocIngest.Backup;
using DocIngest.Backup.Backups;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Snapshots;
using DocIngest.Backup.Sources;
using DocIngest.Worker.Hosting;

namespace DocIngest.Worker.Backups;

/// <summary>Puts the ledger of destroyed records into every repository that has copies of them, before anything is destroyed.</summary>
/// <remarks>
/// <para>Each copy is a snapshot of <c>destruction/</c> alone, tagged <see cref="DestructionLedger.Tag"/>: no policy forgets it. It is there whole or
/// not at all, and writing it again makes another one.</para>
/// <para>The lock is shared, as that of <c>backup run</c>: backups and restores go on meanwhile, a prune or check is waited for.</para>
/// </remarks>
/// <param name="dataPath">The data folder, absolute.</param>
/// <param name="repositories">Where to.</param>
internal sealed class DestructionLedgerCopies(string dataPath, ConfiguredRepositories repositories)
{
    /// <summary>Whether no copy is made where the last one is equal: each stays for ever. Default false.</summary>
    public bool SkipsUnchanged { get; init; }

    /// <summary>Writes the copies. The files of the ledger must be durable already.</summary>
    /// <param name="cancellation">Gives up. Repositories that were written to already have the copy.</param>
    /// <returns>One for each repository. Unless all of them are <see cref="LedgerCopy.IsSafe"/>, nothing may be destroyed.</returns>
    public async Task<IReadOnlyList<LedgerCopy>> WriteAsync(CancellationToken cancellation)
    {
        var outcomes = await repositories.ForEachAsync((repository, access, terms) => WriteAsync(repository, access, terms, cancellation), cancellation);
        return [.. outcomes.Select(outcome => outcome.Value ?? new LedgerCopy(outcome.Repository, outcome.Reach, null, outcome.Problem))];
    }

    private async Task<LedgerCopy> WriteAsync(Repository repository, RepositoryAccess access, LockTerms terms, CancellationToken cancellation)
    {
        var source = new LocalFolderSource([DestructionFolder.PathIn(dataPath)]);
        ulong most = await MostFilesAsync(repository, access.HostName, source, cancellation);
        if (Fewer((ulong)Directory.GetFiles(DestructionFolder.PathIn(dataPath)).Length, most) is { } lost)
        {
            return new LedgerCopy(access.Location.DisplayName, RepositoryReach.Failed, null, lost);   // a newest copy with less in it would be believed
        }

        var result = await BackupRun.RunAsync(repository, source, Options(access), terms, null, cancellation);
        string name = access.Location.DisplayName;
        ulong files = result.Summary.FilesProcessed;
        string? fault = result switch
        {
            { Problems: [var problem, ..] } => $"{result.Problems.Count} entries of the destruction ledger cannot be read: {problem.Message}",
            _ when files == 0 => "The destruction ledger holds no file.",
            _ => Fewer(files, most),
        };
        if (fault is not null)
        {
            return new LedgerCopy(name, RepositoryReach.Failed, null, fault);
        }

        var damage = result.Alarms.FirstOrDefault(alarm => alarm.Kind is BackupAlarmKind.RepositoryDamaged);
        return new LedgerCopy(name, RepositoryReach.Done, result.Snapshot, damage?.Message);
    }

    /// <summary>Whether a repository has a copy of the ledger of this data folder.</summary>
    public static async Task<bool> KnowsOneAsync(Repository repository, RepositoryAccess access, CancellationToken cancellation) =>
        await MostFilesAsync(repository, access.HostName, new LocalFolderSource([DestructionFolder.PathIn(access.DataPath)]), cancellation) > 0;

    private static string? Fewer(ulong files, ulong most) => files < most
        ? $"The destruction ledger holds {files} files, and a copy of it {most}: entries are gone. 'docingest backup restore' brings them back (--tag {DestructionLedger.Tag})."
        : null;

    private BackupOptions Options(RepositoryAccess access)
    {
        var account = ProcessAccount.OfThisProcess();
        return new BackupOptions
        {
            HostName = access.HostName,
            UserName = account.UserName,
            UserId = account.UserId,
            GroupId = account.GroupId,
            ProgramVersion = $"docingest {ThisProgram.Version}",
            Tags = [DestructionLedger.Tag],
            SkipsUnchanged = SkipsUnchanged,
            ReadsAll = true,   // a few files, and nobody shall have to believe in their times
            MostShrinkPercent = 100,   // files are counted here: none may be gone, and none grows
        };
    }

    private static async Task<ulong> MostFilesAsync(Repository repository, string hostName, LocalFolderSource source, CancellationToken cancellation) =>
        await repository.ListSnapshotsAsync(cancellation)
            .Where(listed => listed.Snapshot is { } snapshot && DestructionLedger.IsTagged(snapshot.Tags)
                && snapshot.HostName == hostName && snapshot.Paths.SequenceEqual(source.Paths))
            .Select(listed => listed.Snapshot?.Summary?.FilesProcessed ?? 0)
            .DefaultIfEmpty(0ul)
            .MaxAsync(cancellationToken: cancellation);
}

/// <summary>The copy of the destruction ledger in one repository.</summary>
/// <param name="Repository">Its name, without secrets.</param>
/// <param name="Reach">Whether it is there.</param>
/// <param name="Snapshot">The snapshot that is the copy; null where there is none.</param>
/// <param name="Problem">Why there is none, for an operator. With a copy: what is wrong with the repository all the same.</param>
internal sealed record LedgerCopy(string Repository, RepositoryReach Reach, FileId? Snapshot, string? Problem)
{
    /// <summary>Whether records may be destroyed as far as this repository is concerned: it has the ledger, or no copies of anything.</summary>
    public bool IsSafe => Reach is RepositoryReach.Done or RepositoryReach.NotMade;
}
