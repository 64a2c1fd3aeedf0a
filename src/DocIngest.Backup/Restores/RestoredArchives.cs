using DocIngest.Backup.Copies;
using DocIngest.Backup.Indexes;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Restores;

/// <summary>Which archives are among what was selected of a snapshot.</summary>
/// <param name="repository">Gives the trees.</param>
/// <param name="index">Where they are.</param>
/// <param name="rootName">The name a storage root has.</param>
internal sealed class RestoredArchives(Repository repository, BlobIndex index, string rootName)
{
    private readonly FileName _rootName = FileName.FromRaw(rootName);

    /// <summary>Finds them.</summary>
    /// <param name="root">The snapshot's tree.</param>
    /// <param name="selection">What was wanted.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The folders that such archives are in.</returns>
    /// <remarks>What cannot be read was not restored either, and is told there.</remarks>
    internal async Task<IReadOnlyList<TreePath>> FindFoldersAsync(BlobId root, PathSelection selection, CancellationToken cancellation)
    {
        var found = new List<TreePath>();
        var open = new Stack<(BlobId Tree, TreePath Path, PathSelection Selection)>([(root, TreePath.Root(null), selection)]);
        while (open.TryPop(out var folder))
        {
            var nodes = await TryReadAsync(folder.Tree, cancellation);
            if (nodes.Exists(node => StorageRootNames.MarksRoot(node) || StorageRootNames.MarksObject(node)))
                continue;
            foreach (var node in nodes)
            {
                var inner = folder.Selection.Below(node.Name);
                if (node.Subtree is not { } tree || !inner.MayLead)
                    continue;
                if (node.Name == _rootName && await IsWantedAsync(tree, inner, cancellation))
                    found.Add(folder.Path);
                else
                    open.Push((tree, folder.Path.Inner(node.Name), inner));
            }
        }

        return found;
    }

    private async Task<bool> IsWantedAsync(BlobId tree, PathSelection selection, CancellationToken cancellation) =>
        (await TryReadAsync(tree, cancellation)).Exists(node => StorageRootNames.MarksRoot(node) && selection.Below(node.Name).IsSelected);

    private async Task<List<Node>> TryReadAsync(BlobId tree, CancellationToken cancellation)
    {
        try
        {
            return await TreeLookup.ReadAsync(repository, index, tree, cancellation);
        }
        catch (Exception error) when (error is DamagedRepositoryException or MalformedTreeException)
        {
            return [];
        }
    }
}
