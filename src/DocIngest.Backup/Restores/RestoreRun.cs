using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Snapshots;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Restores;

/// <summary>Restores a snapshot into a folder of this machine: as restic lays it out, each entry under its full path (restic-format 14).</summary>
/// <remarks>
/// <para>Every blob is held against its id before it is used, every file's length against what the snapshot says. A file is under its name
/// when it is whole and has its metadata, else not at all; what an interrupted run leaves has names of its own, and the next run
/// into the same folder removes it. Restoring again goes on where the last run stopped: what is there already, byte for byte, is kept.</para>
/// <para>Nothing outside the target is ever written, whatever the snapshot or the target holds: names are single elements, and no link
/// below the target is followed.</para>
/// <para>Hard links are kept within one restore, zeros become holes, sockets are left out. Where this process may not give files
/// away, they stay its user's, without set-id bits that would lend those rights.</para>
/// </remarks>
/// <param name="repository">Stays the caller's.</param>
/// <param name="options">What is restored, and what may be replaced.</param>
/// <param name="terms">How the lock is taken, which is not exclusive; null for none, where the repository cannot be written to.</param>
public sealed class RestoreRun(Repository repository, RestoreOptions options, LockTerms? terms)
{
    /// <summary>While a store answers some, or a disk takes what they write, others work.</summary>
    private const int FewestReaders = 4;

    /// <summary>Each has up to 8 MiB of a pack and a blob of up to 8 MiB in memory.</summary>
    private const int MostReaders = 12;

    /// <summary>Restores. Safe to repeat, whatever state an earlier run left.</summary>
    /// <param name="snapshot">Which.</param>
    /// <param name="target">Absolute path of a folder, in the form of <see cref="Storage.RawName"/>. Made if missing.</param>
    /// <param name="progress">Is told after each file, from several threads; items are files.</param>
    /// <param name="cancellation">Gives up. What was being written is removed; whole files stay.</param>
    /// <exception cref="ArgumentException">A pattern or the target is malformed. Nothing was begun.</exception>
    /// <exception cref="Storage.EntryNotFoundException">No such snapshot. Nothing was begun.</exception>
    /// <exception cref="DamagedRepositoryException">Snapshot, index or root tree cannot be read. Other damage costs single entries.</exception>
    /// <exception cref="Trees.MalformedTreeException">The root tree is none.</exception>
    /// <exception cref="RepositoryLockedException">Somebody has the repository for himself. Nothing was begun.</exception>
    /// <exception cref="Storage.LockHeldException">Another restore is writing into the target. Nothing was begun.</exception>
    /// <exception cref="Storage.StorageFullException">The disk is full. Whole files stay; a retry goes on from there.</exception>
    /// <exception cref="Storage.FlushFailedException">
    /// What was written may not be on the disk, although it reads as if it were: restore into another folder, or remove it first.
    /// </exception>
    /// <exception cref="Storage.StorageException">Target or repository do not answer. Whole files stay; a retry goes on from there.</exception>
    public Task<RestoreResult> RunAsync(
        FileId snapshot, string target, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (!Path.IsPathFullyQualified(target))
            throw new ArgumentException("The path of the target must be absolute.", nameof(target));
        var selection = PathSelection.Of(options.Include, options.Exclude);
        Task<RestoreResult> WorkAsync(Task mayWrite, CancellationToken stop) => RestoreAsync(snapshot, target, selection, progress, mayWrite, stop);
        return terms is null ? WorkAsync(Task.CompletedTask, cancellation) : terms.HoldAsync<RestoreResult>(repository, isExclusive: false, (held, stop) => WorkAsync(held.Confirmed, stop), cancellation);
    }

    private async Task<RestoreResult> RestoreAsync(
        FileId id, string path, PathSelection selection, IProgress<WorkProgress>? progress, Task mayWrite, CancellationToken cancellation)
    {
        var snapshot = await repository.LoadSnapshotAsync(id, cancellation);
        var index = await repository.LoadIndexAsync(cancellation);
        FileName[] from = [.. options.From.Select(FileName.FromRaw)];
        var root = await TreeLookup.FindFolderAsync(repository, index, snapshot.Tree, from, cancellation)
            ?? throw new DamagedRepositoryException(FileKind.Snapshot, id, "the folder that it names is not in it.");
        await mayWrite;
        using var target = TargetPlatform.OfThisMachine.Open(path, options.IsDryRun);
        var report = new RestoreReport(progress, Expected(snapshot));
        var scene = new RestoreScene(repository, index, options, report);
        try
        {
            if (!options.IsDryRun)
                target?.Folder.RemoveLeftovers();
            await RestoreAsync(scene, root, target, selection, cancellation);
        }
        catch
        {
            scene.Unfinished.Abandon();
            throw;
        }

        if (!options.IsDryRun)
        {
            _ = target?.Folder.Describe(null);
            target?.Flush();
        }

        return report.Finish(id, options.IsDryRun);
    }

    private static async Task RestoreAsync(
        RestoreScene scene, BlobId root, RestoreTarget? target, PathSelection selection, CancellationToken cancellation)
    {
        var existing = new ExistingFiles(scene);
        var finisher = new FileFinisher(scene, existing);
        var delivery = new BlobDelivery(scene, finisher);
        using var walk = new RestoreWalk(scene, TargetPlatform.OfThisMachine, existing, finisher, new SpecialEntries(scene));
        var top = RestoreFolder.Top(scene, target?.Folder);
        await WorkQueue.RunAsync<PackRead>(
            (reads, stop) => walk.RunAsync(root, top, selection, reads, stop), delivery.RunAsync,
            Math.Clamp(Environment.ProcessorCount, FewestReaders, MostReaders), cancellation);
    }

    /// <summary>What the backup counted, where all of it is restored.</summary>
    private (long? Files, long? Bytes) Expected(Snapshot snapshot) =>
        snapshot.Summary is { } summary && options.Include.Count == 0 && options.Exclude.Count == 0
            ? ((long)summary.FilesProcessed, (long)summary.BytesProcessed)
            : (null, null);
}
