using System.Runtime.CompilerServices;
using DocIngest.Backup.Indexes;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Sources;
using DocIngest.Backup.Trees;
using DocIngest.Storage;

namespace DocIngest.Backup.Backups;

/// <summary>Walks a source and stores a tree for each folder, from the leaves up.</summary>
/// <remarks>
/// Walking a folder and finishing its tree are two things: the walk goes on while files are read, and the tree is stored when the last
/// node below is complete. Other folders are walked by other threads as long as there are idle ones. Open files and folders are bounded
/// by the number of files being read and by the depth.
/// </remarks>
internal sealed class FolderSaver(
    Repository repository, BlobIndex index, BlobWriter blobs, FileSaver files, WorkGroup work, BackupTally tally, bool readsAll) : IDisposable
{
    private readonly SemaphoreSlim _reading = new(Environment.ProcessorCount + 1);   // one more than can compute: one waits for the disk
    private readonly SemaphoreSlim _walking = new(Environment.ProcessorCount);

    /// <summary>Saves all that is in a folder.</summary>
    /// <param name="root">Stays the caller's, and open until this is done.</param>
    /// <param name="before">The root tree of the parent snapshot.</param>
    /// <param name="askedFor">Which of the source's paths the folder itself is; null where none is.</param>
    /// <returns>The root tree. Its blobs are stored, but not flushed.</returns>
    internal async Task<BlobId> SaveAsync(ISourceFolder root, BlobId? before, string? askedFor)
    {
        var path = TreePath.Root(null);
        return await await WalkAsync(root, path, before, askedFor is null ? null : tally.Reach(askedFor, path, null));
    }

    public void Dispose()
    {
        _reading.Dispose();
        _walking.Dispose();
    }

    /// <summary>Looks at all entries of a folder and starts what is to be done for them.</summary>
    /// <returns>What ends when all of it is done and the folder's own tree is stored.</returns>
    private async Task<Task<BlobId>> WalkAsync(ISourceFolder folder, TreePath path, BlobId? before, AskedFor? within)
    {
        await blobs.WaitForRoomAsync(work.Stopping);   // a walk over unchanged files would run ahead of a slow repository
        var tree = await BeginTreeAsync(folder, path, before, within);
        return work.Begin(() => FinishAsync(tree));
    }

    private async Task<GrowingTree> BeginTreeAsync(ISourceFolder folder, TreePath path, BlobId? before, AskedFor? within)
    {
        using var parent = await ParentFolder.LoadAsync(repository, index, before, tally, work.Stopping);
        var tree = new GrowingTree();
        FileName? last = null;
        await foreach (var entry in ListAsync(folder, path))
        {
            var entryPath = path.Inner(entry.Name);
            if (entry.Problem is { } problem)
                tally.Report(entryPath, problem.Kind, problem.Message);
            if (entry.Node is not { } node)
                continue;
            if (last is { } earlier && earlier.CompareTo(entry.Name) >= 0)
            {
                tally.Report(entryPath, SourceProblemKind.Unreadable, "The folder lists this name twice; the first is backed up.");
                continue;
            }

            last = entry.Name;
            var inner = entry.AskedFor is { } askedFor ? tally.Reach(askedFor, entryPath, within) : within;
            await tree.AddAsync(await BeginAsync(folder, node, entryPath, parent.Find(entry.Name), inner));
        }

        return tree;
    }

    /// <summary>The entries of a folder, up to what cannot be listed, which is told.</summary>
    private async IAsyncEnumerable<SourceEntry> ListAsync(ISourceFolder folder, TreePath path)
    {
        await using var entries = folder.ListAsync(work.Stopping).GetAsyncEnumerator(work.Stopping);
        while (await TryMoveNextAsync(entries, path))
            yield return entries.Current;
    }

    private async ValueTask<bool> TryMoveNextAsync(IAsyncEnumerator<SourceEntry> entries, TreePath path)
    {
        try
        {
            return await entries.MoveNextAsync();
        }
        catch (StorageException error)
        {
            tally.Report(path, SourceProblemKind.Unreadable, error.Message);
            return false;
        }
    }

    private async Task<Task<Node?>> BeginAsync(ISourceFolder folder, Node node, TreePath path, Node? before, AskedFor? within) => node.Type switch
    {
        NodeType.Directory => await BeginFolderAsync(folder, node, path, before, within),
        NodeType.File => await BeginFileAsync(folder, node, path, before, within),
        _ => Task.FromResult<Node?>(node),
    };

    private async ValueTask<Task<Node?>> BeginFileAsync(ISourceFolder folder, Node file, TreePath path, Node? before, AskedFor? within)
    {
        if (!readsAll && before is not null && IsUnchanged(file, before))
        {
            var unmodified = file with { Content = before.Content };
            tally.AddUnmodified(unmodified, within);
            return Task.FromResult<Node?>(unmodified);
        }

        await _reading.WaitAsync(work.Stopping);
        return work.Start(async () =>
        {
            try
            {
                return await files.SaveAsync(folder, file, path, before, within);
            }
            finally
            {
                _reading.Release();
            }
        });
    }

    /// <summary>Whether the parent snapshot tells the file's content (restic-format 13), and all of it is still there.</summary>
    private bool IsUnchanged(Node file, Node before)
    {
        if (before.Type is not NodeType.File || before.Content is null || before.SizeBytes != file.SizeBytes || before.Inode != file.Inode
            || before.Modified.Instant != file.Modified.Instant || before.Changed.Instant != file.Changed.Instant)
        {
            return false;
        }

        long size = 0;
        foreach (var blob in before.Content)
        {
            if (!index.TryFind(BlobType.Data, blob, out var entry))
                return false;
            size += entry.Blob.PlaintextLength;
        }

        return (ulong)size == file.SizeBytes;
    }

    private async ValueTask<Task<Node?>> BeginFolderAsync(ISourceFolder folder, Node node, TreePath path, Node? before, AskedFor? within)
    {
        if (await TryOpenAsync(folder, node, path) is not { } opened)
            return Task.FromResult<Node?>(null);
        if (await _walking.WaitAsync(TimeSpan.Zero, work.Stopping))
            return work.Start(async () => await await WalkElsewhereAsync(opened, node, path, before, within));

        // A walk whose folders all answer at once would otherwise go down the stack as deep as they are nested.
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            await Task.Yield();
        return await WalkFolderAsync(opened, node, path, before, within);
    }

    private async Task<Task<Node?>> WalkElsewhereAsync(ISourceFolder opened, Node node, TreePath path, Node? before, AskedFor? within)
    {
        try
        {
            return await WalkFolderAsync(opened, node, path, before, within);
        }
        finally
        {
            _walking.Release();
        }
    }

    private async Task<Task<Node?>> WalkFolderAsync(ISourceFolder opened, Node node, TreePath path, Node? before, AskedFor? within)
    {
        try
        {
            var saving = await WalkAsync(opened, path, before is { Type: NodeType.Directory } ? before.Subtree : null, within);
            return work.Begin(() => FinishFolderAsync(opened, saving, node, before));
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    private async ValueTask<ISourceFolder?> TryOpenAsync(ISourceFolder folder, Node node, TreePath path)
    {
        try
        {
            return await folder.OpenFolderAsync(node, work.Stopping);
        }
        catch (EntryNotFoundException)
        {
            return null;   // It vanished after it was listed: as if the backup had begun a moment later.
        }
        catch (StorageException error)
        {
            tally.Report(path, SourceProblemKind.Unreadable, error.Message);
            return null;
        }
    }

    private async Task<Node?> FinishFolderAsync(ISourceFolder opened, Task<BlobId> saving, Node node, Node? before)
    {
        using (opened)
        {
            var tree = await saving;
            tally.AddDirectory(tree, before);
            return node with { Subtree = tree };
        }
    }

    private async Task<BlobId> FinishAsync(GrowingTree growing)
    {
        var tree = await growing.FinishAsync();
        var id = BlobId.Of(tree.Span);
        await blobs.StoreAsync(BlobType.Tree, id, tree, work.Stopping);
        return id;
    }
}
