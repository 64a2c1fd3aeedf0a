using DocIngest.Backup.Indexes;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Trees;
using DocIngest.Storage;

namespace DocIngest.Backup.Pruning;

/// <summary>The blobs at some places in snapshots, which must leave the repository: content, trees, and the trees above that name them.</summary>
internal static class LeavingBlobs
{
    /// <summary>Finds them, also in snapshots that are about to be forgotten.</summary>
    /// <returns>A bit at the first entry of each.</returns>
    /// <exception cref="NameNotFoundException">There is no such place. Nothing changed.</exception>
    /// <exception cref="EntryNotFoundException">There is no such snapshot. Nothing changed.</exception>
    /// <exception cref="PruneRefusedException">What is below a place cannot be read to its end.</exception>
    internal static async Task<EntryMarks> FindAsync(
        Repository repository, BlobIndex index, IReadOnlyList<SnapshotPath> places, CancellationToken cancellation)
    {
        var leaving = new EntryMarks(index.Count);
        foreach (var place in places)
            await AddAsync(repository, index, place, leaving, cancellation);
        return leaving;
    }

    private static async Task AddAsync(Repository repository, BlobIndex index, SnapshotPath place, EntryMarks leaving, CancellationToken cancellation)
    {
        var tree = (await repository.LoadSnapshotAsync(place.Snapshot, cancellation)).Tree;
        Node? node = null;
        foreach (string element in place.Path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            Mark(index, BlobType.Tree, tree, leaving);
            node = (node is { Subtree: null } ? null : await FindAsync(repository, index, tree, FileName.FromRaw(element), cancellation))
                ?? throw new NameNotFoundException($"The snapshot {place.Snapshot} does not hold the given path. Nothing was pruned.");
            tree = node.Subtree ?? default;
        }

        foreach (var blob in node?.Content ?? [])
            Mark(index, BlobType.Data, blob, leaving);
        if (node is { Subtree: null })
            return;
        var below = await UsedBlobs.FindAsync(repository, index, [new TreeRoot(tree, place.Snapshot)], Environment.ProcessorCount, cancellation);
        if (!below.IsComplete)
            throw new PruneRefusedException($"What must leave the repository cannot be read to its end in the snapshot {place.Snapshot}. Run check. Nothing was pruned.");
        for (int number = 0; number < index.Count; number++)
        {
            if (below.Marks[number])
                leaving.TrySet(number);
        }
    }

    private static async Task<Node?> FindAsync(Repository repository, BlobIndex index, BlobId tree, FileName name, CancellationToken cancellation)
    {
        using var blob = await repository.LoadBlobAsync(index, BlobType.Tree, tree, cancellation);
        for (var nodes = new TreeReader(blob.Memory); nodes.Read();)
        {
            if (nodes.Current.Name == name)
                return nodes.Current;
        }

        return null;
    }

    private static void Mark(BlobIndex index, BlobType type, BlobId id, EntryMarks leaving)
    {
        int number = index.Find(type, id);
        if (number >= 0)
            leaving.TrySet(number);
    }
}
