using DocIngest.Backup.Encoding;
using DocIngest.Backup.Indexes;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Snapshots;

namespace DocIngest.Backup.Restores;

/// <summary>
/// Puts the newest <see cref="DestructionLedger"/> beside a restored archive: what was destroyed since the snapshot was made is in the
/// archive again, and the ledger is what says so.
/// </summary>
/// <remarks>
/// Files of the ledger that are there and equal stay; of two that differ the newer one; what only the target has stays too: the ledger only ever
/// grows. Safe to repeat. Nothing of it is left out, whatever was left out of the archive.
/// </remarks>
/// <param name="repository">Stays the caller's.</param>
/// <param name="rootName">The name of the archive in its data folder.</param>
/// <param name="ledgerName">The name of the ledger beside it.</param>
/// <param name="terms">As <see cref="RestoreRun"/>.</param>
public sealed class DestructionLedgerRestore(Repository repository, string rootName, string ledgerName, LockTerms? terms)
{
    /// <summary>Puts a ledger beside each archive that was restored. Where the repository has no ledgers nothing is looked for.</summary>
    /// <param name="snapshot">What was restored.</param>
    /// <param name="target">Where to.</param>
    /// <param name="options">How. Where archives were not selected there is nothing to do.</param>
    /// <param name="cancellation">Gives up; the same call goes on from there.</param>
    /// <returns>An entry for each restored archive, with or without a ledger; none where the repository has no ledgers.</returns>
    /// <exception cref="DamagedRepositoryException">The snapshot, an index file or the ledger's own folder cannot be read: destroyed records may be in the archive, and nobody knows which.</exception>
    /// <remarks>The other errors of <see cref="RestoreRun.RunAsync"/> too.</remarks>
    public async Task<IReadOnlyList<RestoredLedger>> RunAsync(FileId snapshot, string target, RestoreOptions options, CancellationToken cancellation)
    {
        var ledgers = await LedgerSnapshots.ListAsync(repository, cancellation);
        var restored = await repository.LoadSnapshotAsync(snapshot, cancellation);
        if (ledgers.IsEmpty || DestructionLedger.IsTagged(restored.Tags))
            return [];
        var index = await repository.LoadIndexAsync(cancellation);
        var selection = PathSelection.Of(options.Include, options.Exclude);
        var results = new List<RestoredLedger>();
        foreach (var folder in await new RestoredArchives(repository, index, rootName).FindFoldersAsync(restored.Tree, selection, cancellation))
        {
            string[] names = [.. folder.Names().Select(name => name.ToRaw())];
            var ledger = await ledgers.FindAsync(repository, index, [.. names, ledgerName], restored.HostName, takesOthers: true, cancellation);
            results.Add(ledger is null
                ? new RestoredLedger(Beneath(target, names), null, null, 0, 0, ledgers.UnreadableCount, [])
                : await PutAsync(index, ledger, target, names, options.IsDryRun, cancellation) with { SnapshotsUnread = ledgers.UnreadableCount });
        }

        return results;
    }

    /// <summary>Puts the newest ledger of a data folder into a folder that is to take its place, before anything else of it is there.</summary>
    /// <param name="snapshot">The data folder, as a backup has it.</param>
    /// <param name="host">Whose it is.</param>
    /// <param name="dataFolder">Absolute path of the folder.</param>
    /// <param name="cancellation">Gives up; the same call goes on from there.</param>
    /// <returns>What was put. Without a snapshot: the repository has no ledger of that data folder.</returns>
    /// <exception cref="DamagedRepositoryException">An index file or the ledger's own folder cannot be read.</exception>
    /// <remarks>The other errors of <see cref="RestoreRun.RunAsync"/> too.</remarks>
    public async Task<RestoredLedger> PutIntoAsync(IReadOnlyList<string> snapshot, string host, string dataFolder, CancellationToken cancellation)
    {
        var ledgers = await LedgerSnapshots.ListAsync(repository, cancellation);
        if (ledgers.IsEmpty)
            return new RestoredLedger(dataFolder, null, null, 0, 0, ledgers.UnreadableCount, []);
        var index = await repository.LoadIndexAsync(cancellation);
        string[] place = [.. snapshot, ledgerName];
        if (await ledgers.FindAsync(repository, index, place, host, takesOthers: false, cancellation) is not { } ledger)
            return new RestoredLedger(dataFolder, null, null, 0, 0, ledgers.UnreadableCount, []);
        var put = await PutAsync(index, ledger, dataFolder, [.. ledger.Place.SkipLast(1)], $"/{ledgerName}", false, dataFolder, cancellation);
        var lacking = await ledgers.LackingAsync(repository, index, ledger, place, host, cancellation);
        return put with
        {
            SnapshotsUnread = ledgers.UnreadableCount,
            Problems = [.. put.Problems, .. lacking.Select(file => new RestoreProblem(file, RestoreProblemKind.Damaged, "An earlier copy of the ledger has a file that this one has not: it was lost in between."))],
        };
    }

    private Task<RestoredLedger> PutAsync(BlobIndex index, LedgerSnapshot ledger, string target, string[] names, bool isDryRun, CancellationToken cancellation)
    {
        // Of the same place it is restored into the target itself, so that no link in there is ever followed.
        string[] above = [.. ledger.Place.SkipLast(1)];
        string dataFolder = Beneath(target, names);
        return names.SequenceEqual(above)
            ? PutAsync(index, ledger, target, [], string.Concat(ledger.Place.Select(name => $"/{name}")), isDryRun, dataFolder, cancellation)
            : PutAsync(index, ledger, dataFolder, above, $"/{ledgerName}", isDryRun, dataFolder, cancellation);
    }

    private async Task<RestoredLedger> PutAsync(
        BlobIndex index, LedgerSnapshot ledger, string into, IReadOnlyList<string> from, string prefix, bool isDryRun, string dataFolder, CancellationToken cancellation)
    {
        var options = new RestoreOptions { IsDryRun = isDryRun, From = from };
        var first = await new RestoreRun(repository, options, terms).RunAsync(ledger.Id, into, null, cancellation);

        var files = await LedgerSnapshots.FilesAsync(repository, index, ledger, cancellation);
        string[] differing = [.. first.Problems.Where(problem => problem.Kind is RestoreProblemKind.Conflict).Select(problem => problem.Path)];
        string[] newer = [.. differing.Where(path => files.TryGetValue(path[prefix.Length..], out var node) && node.Modified.Instant.ToDateTimeOffset() > WrittenAt(into, path))];
        string[] older = [.. differing.Except(newer).Where(path => files.ContainsKey(path[prefix.Length..]) && File.Exists(PathIn(into, path)))];
        var problems = first.Problems.Where(problem => !differing.Contains(problem.Path) || !(newer.Contains(problem.Path) || older.Contains(problem.Path)));
        long replaced = 0;
        if (newer.Length > 0)
        {
            var replacing = options with { Include = newer, ReplacesDifferent = true };
            var second = await new RestoreRun(repository, replacing, terms).RunAsync(ledger.Id, into, null, cancellation);
            problems = problems.Concat(second.Problems);
            replaced = second.Files.Restored;
        }

        return new RestoredLedger(dataFolder, ledger.Id, ledger.Snapshot.Time, first.Files.Restored + replaced, first.Files.Equal, 0, [.. problems]);
    }

    private static string Beneath(string target, IEnumerable<string> names) => names.Aggregate(target, Path.Combine);

    private static string PathIn(string folder, string path) => Beneath(folder, path.Split('/', StringSplitOptions.RemoveEmptyEntries));

    private static DateTimeOffset WrittenAt(string folder, string path) => new(File.GetLastWriteTimeUtc(PathIn(folder, path)));
}

/// <summary>What became of the ledger of a restored data folder.</summary>
/// <param name="DataFolder">The folder in the target that the archive is in.</param>
/// <param name="Snapshot">The ledger that was put there; null where the repository has ledgers, but none of this data folder.</param>
/// <param name="Time">When that was made.</param>
/// <param name="FilesPut">Files that were written.</param>
/// <param name="FilesEqual">Files that were there already.</param>
/// <param name="SnapshotsUnread">Snapshots that cannot be read: a newer ledger may be among them.</param>
/// <param name="Problems">What of it is not there. Then destroyed records may come back.</param>
public sealed record RestoredLedger(
    string DataFolder, FileId? Snapshot, ZonedTime? Time, long FilesPut, long FilesEqual, int SnapshotsUnread, IReadOnlyList<RestoreProblem> Problems);
