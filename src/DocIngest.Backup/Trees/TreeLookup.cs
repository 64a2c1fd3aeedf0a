using DocIngest.Backup.Indexes;
using DocIngest.Backup.Repositories;

namespace DocIngest.Backup.Trees;

/// <summary>Finds folders of a snapshot by their names.</summary>
internal static class TreeLookup
{
    /// <summary>The nodes of a tree.</summary>
    /// <exception cref="DamagedRepositoryException">It cannot be read.</exception>
    /// <exception cref="MalformedTreeException">It is none.</exception>
    internal static async Task<List<Node>> ReadAsync(Repository repository, BlobIndex index, BlobId tree, CancellationToken cancellation)
    {
        using var blob = await repository.LoadBlobAsync(index, BlobType.Tree, tree, cancellation);
        return TreeReader.ReadAll(blob.Memory);
    }

    /// <summary>The tree of a folder; null where there is no such folder.</summary>
    /// <param name="repository">Gives the trees.</param>
    /// <param name="index">Where they are.</param>
    /// <param name="root">Where to begin.</param>
    /// <param name="names">From there on; none: the root itself.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <inheritdoc cref="ReadAsync" path="/exception" />
    internal static async Task<BlobId?> FindFolderAsync(
        Repository repository, BlobIndex index, BlobId root, IReadOnlyList<FileName> names, CancellationToken cancellation)
    {
        BlobId? at = root;
        foreach (var name in names)
        {
            if (at is not { } tree)
                return null;
            at = (await ReadAsync(repository, index, tree, cancellation)).Find(node => node.Name == name)?.Subtree;
        }

        return at;
    }
}
