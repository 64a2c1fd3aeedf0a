using DocIngest.Backup.Indexes;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Checks;

/// <summary>Finds the files that need a blob which no pack gives: a damaged pack alone tells nobody what is lost.</summary>
internal sealed class LostContent : ITreeVisitor
{
    private readonly BlobIndex _index;
    private readonly EntryMarks _lost;
    private readonly FindingList _findings;

    private LostContent(BlobIndex index, EntryMarks lost, FindingList findings) => (_index, _lost, _findings) = (index, lost, findings);

    /// <summary>Walks all trees once more, where needed data is lost.</summary>
    /// <param name="repository">Gives the trees.</param>
    /// <param name="index">Where blobs lie.</param>
    /// <param name="damaged">Entries whose blob cannot be read from their pack.</param>
    /// <param name="used">Data that files need, at the first entry of each blob.</param>
    /// <param name="roots">Of all snapshots.</param>
    /// <param name="findings">Takes a finding for each file.</param>
    /// <param name="workers">How many trees are loaded at the same time.</param>
    /// <param name="cancellation">Gives up.</param>
    internal static async Task TellAsync(
        Repository repository,
        BlobIndex index,
        EntryMarks damaged,
        EntryMarks used,
        IReadOnlyList<TreeRoot> roots,
        FindingList findings,
        int workers,
        CancellationToken cancellation)
    {
        if (FindLost(index, damaged, used) is not { } lost)
            return;
        using var walk = new TreeWalk(repository, index, new LostContent(index, lost, findings), keepsPaths: true);
        await walk.RunAsync(roots, workers, cancellation);
    }

    void ITreeVisitor.Node(VisitedTree tree, Node node, NodeFaults faults)
    {
        if (node.Type is not NodeType.File || node.Content is not { } content)
            return;
        for (int i = 0; i < content.Count; i++)
        {
            int number = _index.Find(BlobType.Data, content[i]);
            if (number < 0 || !_lost[number])
                continue;
            _findings.Add(new CheckFinding(
                FindingRules.ContentLost, $"An entry of the tree {tree.Id}: the data blob {content[i]}, piece {i + 1} of {content.Count}, cannot be read from any pack.")
            {
                BlobType = BlobType.Data,
                Blob = content[i],
                Snapshot = tree.Path?.Snapshot,
                Path = tree.Path?.Inner(node.Name).ToString(),
            });
            return;
        }
    }

    void ITreeVisitor.Read(VisitedTree tree)
    {
        // The first walk counted it.
    }

    void ITreeVisitor.Fault(TreeFault fault)
    {
        // The first walk told it.
    }

    private static EntryMarks? FindLost(BlobIndex index, EntryMarks damaged, EntryMarks used)
    {
        EntryMarks? lost = null;
        for (int number = 0; number < index.Count; number++)
        {
            if (!damaged[number])
                continue;
            var blob = index[number].Blob;
            int first = index.Find(blob.Type, blob.Id);
            if (blob.Type is BlobType.Data && used[first] && index.FindAll(blob.Type, blob.Id).All(copy => damaged[copy]))
                (lost ??= new EntryMarks(index.Count)).TrySet(first);
        }

        return lost;
    }
}
