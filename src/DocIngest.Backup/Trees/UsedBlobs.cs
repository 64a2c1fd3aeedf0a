using DocIngest.Backup.Indexes;
using DocIngest.Backup.Repositories;

namespace DocIngest.Backup.Trees;

/// <summary>Which blobs some snapshots need: those that may not be removed from the repository.</summary>
/// <remarks>Of a blob in several packs the first entry is marked; the others are copies that nobody needs besides it.</remarks>
internal sealed class UsedBlobs : ITreeVisitor
{
    /// <summary>Enough to say what is wrong; how many there are in all is counted.</summary>
    private const int MostTold = 100;

    private readonly BlobIndex _index;
    private readonly Lock _gate = new();

    // Under _gate.
    private readonly List<TreeFault> _treeFaults = [];
    private readonly List<BlobId> _missingData = [];
    private long _treeFaultCount;
    private long _missingDataCount;

    private UsedBlobs(BlobIndex index)
    {
        _index = index;
        Marks = new EntryMarks(index.Count);
    }

    /// <summary>A bit at the first entry of each needed blob.</summary>
    internal EntryMarks Marks { get; }

    /// <summary>Whether everything that is needed is known, and in the index. If not, nothing may be removed.</summary>
    internal bool IsComplete => _treeFaultCount == 0 && _missingDataCount == 0;

    /// <summary>Trees that could not be read; what they need is not known.</summary>
    internal long TreeFaultCount => _treeFaultCount;

    /// <summary>The first of them.</summary>
    internal IReadOnlyList<TreeFault> TreeFaults => _treeFaults;

    /// <summary>References to data that no index has.</summary>
    internal long MissingDataCount => _missingDataCount;

    /// <summary>The first of these blobs.</summary>
    internal IReadOnlyList<BlobId> MissingData => _missingData;

    /// <summary>Walks all trees below some roots.</summary>
    /// <param name="repository">Gives the trees.</param>
    /// <param name="index">Must not change meanwhile.</param>
    /// <param name="roots">Of all snapshots that are to stay.</param>
    /// <param name="workers">How many trees are loaded at the same time.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="Storage.StorageException">The store does not answer any more.</exception>
    internal static async Task<UsedBlobs> FindAsync(
        Repository repository, BlobIndex index, IEnumerable<TreeRoot> roots, int workers, CancellationToken cancellation)
    {
        var used = new UsedBlobs(index);
        using var walk = new TreeWalk(repository, index, used, keepsPaths: false);
        await walk.RunAsync(roots, workers, cancellation);
        return used;
    }

    void ITreeVisitor.Node(VisitedTree tree, Node node, NodeFaults faults)
    {
        // Whatever type it claims to be: a later version of the format may know more types with content.
        for (int i = 0; i < node.Content?.Count; i++)
            Mark(node.Content[i]);

        if (node.Type is NodeType.Directory && (node.Subtree ?? default) == default)
            Add(new TreeFault(TreeFaultKind.Malformed, tree.Id, tree.Path, null));   // what was below it is not known
    }

    void ITreeVisitor.Read(VisitedTree tree) => Marks.TrySet(tree.EntryNumber);

    void ITreeVisitor.Fault(TreeFault fault) => Add(fault);

    private void Mark(BlobId id)
    {
        int number = _index.Find(BlobType.Data, id);
        if (number >= 0)
        {
            Marks.TrySet(number);
            return;
        }

        lock (_gate)
        {
            _missingDataCount++;
            if (_missingData.Count < MostTold)
                _missingData.Add(id);
        }
    }

    private void Add(TreeFault fault)
    {
        lock (_gate)
        {
            _treeFaultCount++;
            if (_treeFaults.Count < MostTold)
                _treeFaults.Add(fault);
        }
    }
}
