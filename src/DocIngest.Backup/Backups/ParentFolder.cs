using DocIngest.Backup.Indexes;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Backups;

/// <summary>A folder as the parent snapshot has it. Asked in the order of names, it is read once from front to back.</summary>
/// <remarks>Where it is damaged or unsorted, nodes are not found: their files are read again, and nothing is lost.</remarks>
internal sealed class ParentFolder : IDisposable
{
    private readonly PooledBytes? _blob;
    private readonly BackupTally _tally;
    private TreeReader? _tree;
    private bool _isAhead;

    private ParentFolder(PooledBytes? blob, BackupTally tally)
    {
        _blob = blob;
        _tally = tally;
        if (blob is not null)
            Guarded(() => _tree = new TreeReader(blob.Memory));
    }

    /// <summary>Loads the tree of a folder.</summary>
    /// <param name="repository">Where the parent is.</param>
    /// <param name="index">Where its blobs are.</param>
    /// <param name="tree">Null where the parent has no such folder: nothing is found then.</param>
    /// <param name="tally">Learns of damage.</param>
    /// <param name="cancellation">Gives up.</param>
    internal static async Task<ParentFolder> LoadAsync(
        Repository repository, BlobIndex index, BlobId? tree, BackupTally tally, CancellationToken cancellation)
    {
        try
        {
            return new ParentFolder(tree is { } id ? await repository.LoadBlobAsync(index, BlobType.Tree, id, cancellation) : null, tally);
        }
        catch (DamagedRepositoryException error)
        {
            tally.ReportDamage(error.Message);
            return new ParentFolder(null, tally);
        }
    }

    /// <summary>The node of this name, or null. Every name must come after the one before.</summary>
    internal Node? Find(FileName name)
    {
        while (TryPeek(out var node))
        {
            int order = node.Name.CompareTo(name);
            if (order > 0)
                return null;
            _isAhead = false;
            if (order == 0)
                return node;
        }

        return null;
    }

    public void Dispose() => _blob?.Dispose();

    private bool TryPeek(out Node node)
    {
        if (!_isAhead)
            Guarded(() => _isAhead = _tree?.Read() ?? false);
        node = _isAhead ? _tree!.Current : null!;   // read just now; not looked at where there is none
        return _isAhead;
    }

    private void Guarded(Action read)
    {
        try
        {
            read();
        }
        catch (MalformedTreeException error)
        {
            _tally.ReportDamage($"A tree of the parent snapshot cannot be read: {error.Message}");
            _tree = null;
        }
    }
}
