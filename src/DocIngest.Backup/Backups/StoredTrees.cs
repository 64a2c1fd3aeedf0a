using DocIngest.Backup.Indexes;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Backups;

/// <summary>What snapshots hold at a place, and what of it another one has no more.</summary>
/// <remarks>What cannot be read counts as empty: check tells of it; here it only means that there is nothing to hold a backup against.</remarks>
internal sealed class StoredTrees(Repository repository, BlobIndex index)
{
    // The folders above what was asked for: a handful in each snapshot, asked for once for each path.
    private readonly Dictionary<BlobId, List<Node>> _onTheWay = [];

    /// <summary>What is at a place: its entry, or all entries of the root; nothing where there is none.</summary>
    internal async Task<List<Node>> AtAsync(BlobId root, TreePath path, CancellationToken cancellation)
    {
        var nodes = await PassAsync(root, cancellation);
        var names = path.Names();
        for (int depth = 0; depth < names.Count; depth++)
        {
            if (depth > 0)
                nodes = nodes is [{ Subtree: { } subtree }] ? await PassAsync(subtree, cancellation) : [];
            nodes = nodes.FindAll(node => node.Name == names[depth]);
        }

        return nodes;
    }

    /// <summary>Counts what was there before and is not now: files that are gone, and bytes of files that became shorter.</summary>
    /// <param name="before">As <see cref="AtAsync"/> gave it.</param>
    /// <param name="now">What it is held against; empty to count all.</param>
    /// <param name="isEnough">Ends the counting early.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <remarks>Reads only what differs. There may be as many files as before all the same, under other names.</remarks>
    internal async Task<FileCount> CountLostAsync(List<Node> before, List<Node> now, Func<FileCount, bool> isEnough, CancellationToken cancellation)
    {
        var open = new Stack<(BlobId Before, BlobId? Now)>();
        var lost = CountLost(before, now, open);
        while (!isEnough(lost) && open.TryPop(out var pair))
            lost += CountLost(await ReadAsync(pair.Before, cancellation), pair.Now is { } tree ? await ReadAsync(tree, cancellation) : [], open);
        return lost;
    }

    /// <summary>The same for the entries of one folder.</summary>
    /// <param name="before">Its entries.</param>
    /// <param name="now">What they are held against.</param>
    /// <param name="open">Takes the folders below that differ.</param>
    private static FileCount CountLost(List<Node> before, List<Node> now, Stack<(BlobId Before, BlobId? Now)> open)
    {
        var left = new Dictionary<FileName, Node>();
        foreach (var node in now)
            left.TryAdd(node.Name, node);
        var lost = default(FileCount);
        foreach (var node in before)
        {
            var same = left.GetValueOrDefault(node.Name);
            if (node.Type is NodeType.File)
                lost += same is { Type: NodeType.File } ? new FileCount(0, node.SizeBytes - Math.Min(node.SizeBytes, same.SizeBytes)) : new FileCount(1, node.SizeBytes);
            else if (node.Subtree is { } tree && tree != same?.Subtree)
                open.Push((tree, same?.Subtree));
        }

        return lost;
    }

    private async Task<List<Node>> PassAsync(BlobId tree, CancellationToken cancellation)
    {
        if (!_onTheWay.TryGetValue(tree, out var nodes))
            _onTheWay.Add(tree, nodes = await ReadAsync(tree, cancellation));
        return nodes;
    }

    private async Task<List<Node>> ReadAsync(BlobId tree, CancellationToken cancellation)
    {
        try
        {
            using var blob = await repository.LoadBlobAsync(index, BlobType.Tree, tree, cancellation);
            return TreeReader.ReadAll(blob.Memory);
        }
        catch (Exception error) when (error is DamagedRepositoryException or MalformedTreeException)
        {
            return [];
        }
    }
}
