using DocIngest.Backup.Indexes;
using DocIngest.Backup.Repositories;
using DocIngest.Storage;

namespace DocIngest.Backup.Trees;

/// <summary>Goes through all trees that can be reached from some roots, each one once, however many directories it stands for.</summary>
/// <remarks>
/// <para>A number of workers load and read trees at the same time. What waits is kept in a stack of its own, never on that of a thread:
/// a million directories inside each other are walked like any others. Each tree waits once at most.</para>
/// <para>A worker has one tree in memory at a time, and only one worker a large one.</para>
/// </remarks>
/// <param name="repository">Gives the trees.</param>
/// <param name="index">Must not change meanwhile.</param>
/// <param name="visitor">Is told what is found.</param>
/// <param name="keepsPaths">Whether the visitor wants to know where things are.</param>
internal sealed class TreeWalk(Repository repository, BlobIndex index, ITreeVisitor visitor, bool keepsPaths) : IDisposable
{
    /// <summary>A larger tree, which has some ten thousand nodes, waits until it is the only large one in memory.</summary>
    private const int LargeTreeBytes = 8 * 1024 * 1024;

    /// <summary>So many failures of the store, one after the other, are no longer those of single files.</summary>
    private const int MostStorageFailures = 16;

    private readonly EntryMarks _met = new(index.Count);
    private readonly SemaphoreSlim _large = new(1);
    private readonly SemaphoreSlim _available = new(0);
    private readonly Lock _gate = new();

    // Under _gate.
    private readonly Stack<Waiting> _waiting = new();
    private int _unfinished;   // waiting, or with a worker

    private int _storageFailures;   // since the last success

    /// <summary>The trees met so far, missing ones aside: a bit at the first entry of each.</summary>
    internal EntryMarks Met => _met;

    /// <summary>Walks. For one call only.</summary>
    /// <param name="roots">Where to begin; the same one twice counts once.</param>
    /// <param name="workers">How many trees are loaded at the same time.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="StorageException">The store does not answer any more, for any file. Single files that cannot be read are told to the visitor.</exception>
    internal async Task RunAsync(IEnumerable<TreeRoot> roots, int workers, CancellationToken cancellation)
    {
        foreach (var root in roots)
            Meet(root.Tree, keepsPaths ? TreePath.Root(root.Snapshot) : null);
        if (_unfinished == 0)
            return;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellation };
        await Parallel.ForEachAsync(Enumerable.Range(0, workers), parallel, async (_, stop) =>
        {
            while (await NextAsync(stop) is { } tree)
            {
                await VisitAsync(tree, stop);
                Finish(workers);
            }
        });
    }

    public void Dispose()
    {
        _large.Dispose();
        _available.Dispose();
    }

    /// <summary>Lets a tree wait for a worker, unless it was met before.</summary>
    private void Meet(BlobId id, TreePath? path)
    {
        int number = index.Find(BlobType.Tree, id);
        if (number < 0)
        {
            visitor.Fault(new TreeFault(TreeFaultKind.Missing, id, path, null));
            return;
        }

        if (!_met.TrySet(number))
            return;
        lock (_gate)
        {
            _waiting.Push(new Waiting(number, path));
            _unfinished++;
        }

        _available.Release();
    }

    /// <summary>The next tree, as soon as there is one; null when there will be none any more.</summary>
    private async Task<VisitedTree?> NextAsync(CancellationToken cancellation)
    {
        await _available.WaitAsync(cancellation);
        Waiting next;
        lock (_gate)
        {
            if (!_waiting.TryPop(out next))
                return null;
        }

        var entry = index[next.EntryNumber];
        return new VisitedTree(entry.Blob.Id, next.EntryNumber, entry, next.Path);
    }

    private void Finish(int workers)
    {
        bool isLast;
        lock (_gate)
            isLast = --_unfinished == 0;
        if (isLast)
            _available.Release(workers);   // all of them wake up and find nothing
    }

    private async Task VisitAsync(VisitedTree tree, CancellationToken cancellation)
    {
        bool isLarge = Math.Max(tree.Entry.Blob.Length, tree.Entry.Blob.UncompressedLength) > LargeTreeBytes;
        if (isLarge)
            await _large.WaitAsync(cancellation);
        try
        {
            using var content = await TryLoadAsync(tree, cancellation);
            if (content is not null)
                Read(tree, content.Memory, cancellation);
        }
        finally
        {
            if (isLarge)
                _large.Release();
        }
    }

    private async Task<PooledBytes?> TryLoadAsync(VisitedTree tree, CancellationToken cancellation)
    {
        try
        {
            var content = await repository.LoadBlobAsync(index, BlobType.Tree, tree.Id, cancellation);
            Interlocked.Exchange(ref _storageFailures, 0);
            return content;
        }
        catch (DamagedRepositoryException error)
        {
            visitor.Fault(new TreeFault(TreeFaultKind.Unreadable, tree.Id, tree.Path, error));
        }
        catch (StorageException error) when (Interlocked.Increment(ref _storageFailures) < MostStorageFailures)
        {
            // A bad sector, most likely: the other files are read still.
            visitor.Fault(new TreeFault(TreeFaultKind.Unreadable, tree.Id, tree.Path, error));
        }

        return null;
    }

    private void Read(VisitedTree tree, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        try
        {
            for (var nodes = new TreeReader(content); nodes.Read();)
            {
                cancellation.ThrowIfCancellationRequested();
                var node = nodes.Current;
                visitor.Node(tree, node, nodes.Faults);
                if (node is { Type: NodeType.Directory, Subtree: { } subtree } && subtree != default)
                    Meet(subtree, tree.Path?.Inner(node.Name));
            }
        }
        catch (MalformedTreeException error)
        {
            visitor.Fault(new TreeFault(TreeFaultKind.Malformed, tree.Id, tree.Path, error));
            return;
        }

        visitor.Read(tree);
    }

    /// <summary>All that is kept of a tree until a worker comes to it: there may be a million in one directory.</summary>
    private readonly record struct Waiting(int EntryNumber, TreePath? Path);
}
