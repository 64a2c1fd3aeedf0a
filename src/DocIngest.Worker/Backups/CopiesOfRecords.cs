using DocIngest.Backup.Copies;
using DocIngest.Pipeline;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.Backups;

/// <summary>Which snapshots of which repositories still hold records.</summary>
/// <param name="dataPath">The data folder, absolute.</param>
/// <param name="repositories">Where to look.</param>
internal sealed class CopiesOfRecords(string dataPath, ConfiguredRepositories repositories)
{
    /// <summary>Looks for them.</summary>
    /// <param name="objectFolders">Absolute paths of folders of archive objects: <c>DATA/archive/949/ad3/2bd/949ad3…</c>. They need not be there any more.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>
    /// One for each repository. <see cref="SnapshotCopies.Objects"/> are places in <paramref name="objectFolders"/>. Records are known to be gone from
    /// backups only where every repository was reached or never made, and no snapshot has a fault.
    /// </returns>
    /// <exception cref="ArgumentException">A path is not below the archive.</exception>
    public Task<IReadOnlyList<RepositoryOutcome<CopiesInRepository>>> FindAsync(IReadOnlyList<string> objectFolders, CancellationToken cancellation)
    {
        string archive = Path.Combine(dataPath, DataFolder.Archive);
        string[] objects = [.. objectFolders.Select(folder => FolderPath.Contains(archive, folder)
            ? Path.GetRelativePath(archive, folder).Replace(Path.DirectorySeparatorChar, '/')
            : throw new ArgumentException("An object's folder must be in the archive.", nameof(objectFolders)))];
        return repositories.ForEachAsync(
            async (repository, _, terms) => new CopiesInRepository(repository.Config.Id, await CopiesOfObjects.FindAsync(repository, objects, DataFolder.Archive, terms, cancellation)), cancellation);
    }
}

/// <summary>What was found in a repository.</summary>
/// <param name="RepositoryId">Its own id, wherever it lies.</param>
/// <param name="Found">Its snapshots.</param>
internal sealed record CopiesInRepository(string RepositoryId, CopiesFound Found);
