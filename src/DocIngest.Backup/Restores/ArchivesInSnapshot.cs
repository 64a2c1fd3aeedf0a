using DocIngest.Backup.Repositories;

namespace DocIngest.Backup.Restores;

/// <summary>Which archives a snapshot holds, wherever in it they are.</summary>
public static class ArchivesInSnapshot
{
    /// <summary>Finds the folders that archives are in.</summary>
    /// <param name="repository">Stays the caller's.</param>
    /// <param name="snapshot">Which.</param>
    /// <param name="rootName">The name of an archive in its data folder.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Each by the names that lead to it from the root of the snapshot on, as <see cref="RestoreOptions.From"/> takes them. What is below a folder that cannot be read is not found.</returns>
    /// <exception cref="DamagedRepositoryException">The snapshot or an index file cannot be read.</exception>
    public static async Task<IReadOnlyList<IReadOnlyList<string>>> FindAsync(Repository repository, FileId snapshot, string rootName, CancellationToken cancellation)
    {
        var index = await repository.LoadIndexAsync(cancellation);
        var read = await repository.LoadSnapshotAsync(snapshot, cancellation);
        var found = await new RestoredArchives(repository, index, rootName).FindFoldersAsync(read.Tree, PathSelection.Of([], []), cancellation);
        return [.. found.Select(folder => (IReadOnlyList<string>)[.. folder.Names().Select(name => name.ToRaw())])];
    }
}
