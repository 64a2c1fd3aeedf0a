using DocIngest.Backup.Sources;
using DocIngest.Pipeline;
using DocIngest.Worker.CommandLine;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.Backups;

/// <summary>What a backup is made of: what was named, else what is configured, else what only the data folder has.</summary>
internal static class BackupPaths
{
    // Not the catalog: a copy of a database in use may not open, and it is rebuilt from the archive. Never the keys: inside the backups they open nothing.
    private static readonly string[] OfDataFolder = [DataFolder.Archive, DataFolder.Quarantine, DataFolder.Receipts, DataFolder.Staging, DataFolder.Config, DataFolder.Audit];

    // In every data folder in use, but for the last two: a configuration may lie elsewhere, and one that an older program made has no audit yet. One that is missing there is not there to be backed up, and that must be told.
    private static readonly string[] Expected = OfDataFolder[..^2];

    // Inside the backups keys open nothing; copies of records that lie elsewhere for a while must not outlive them.
    private static readonly string[] NeverBackedUp = [DataFolder.Keys, DataFolder.Drill, DataFolder.Verification, DataFolder.BackupVerification, DataFolder.Damaged, DataFolder.Recovery];

    /// <summary>The source.</summary>
    /// <param name="named">Absolute paths of the command line; none: those of the configuration.</param>
    /// <param name="access">The repository, which is left out wherever it lies and by whatever path it is reached.</param>
    /// <exception cref="CommandException">There is nothing to back up (exit 5), or something that must never be in a backup was named (exit 2).</exception>
    public static IBackupSource SourceOf(IReadOnlyList<string> named, RepositoryAccess access)
    {
        string[] leftOut = [.. NeverBackedUp.Select(folder => Path.Combine(access.DataPath, folder)), .. access.Folder is { } folder ? [folder] : Array.Empty<string>()];
        string[] paths = [.. named.Count > 0 ? named : Configured(access)];
        foreach (string path in paths)
        {
            if (Array.Find(leftOut, excluded => RealPath.Holds(excluded, path)) is { } inside)
            {
                throw new CommandException(
                    ExitCode.Usage,
                    $"{path} lies in {inside}, which is never backed up: it is the repository, the place of its password, of restore drills, of damaged files or of a recovery. Nothing was backed up.");
            }
        }

        return new LocalFolderSource(paths, [.. leftOut.SelectMany(excluded => PathsOf(excluded, paths)).Distinct()]);
    }

    /// <summary>The paths by which a place may be met: as it was given, without links, and below what is backed up, where no link is followed.</summary>
    private static IEnumerable<string> PathsOf(string place, IEnumerable<string> backedUp)
    {
        string real = RealPath.Of(place);
        return backedUp
            .Select(path => (Path: path, Real: RealPath.Of(path)))
            .Where(outer => FolderPath.Contains(outer.Real, real))
            .Select(outer => Path.Combine(outer.Path, Path.GetRelativePath(outer.Real, real)))
            .Concat([place, real]);
    }

    private static IEnumerable<string> Configured(RepositoryAccess access)
    {
        if (access.Options.Paths.Count > 0)
        {
            return access.Options.Paths.Select(path => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path, access.DataPath)));
        }

        bool isInUse = Path.Exists(Path.Combine(access.DataPath, DataFolder.CatalogFile));
        string[] present =
        [
            .. OfDataFolder.Where(folder => Directory.Exists(Path.Combine(access.DataPath, folder)) || (isInUse && Expected.Contains(folder) && !(folder == DataFolder.Archive && access.ArchiveElsewhere is not null)))
                .Select(folder => Path.Combine(access.DataPath, folder)),
        ];
        return present.Length > 0 ? present : throw new CommandException(
            ExitCode.NotFound,
            $"There is nothing to back up in {access.DataPath} yet. Take in files with 'ingest' or 'run', name another data folder with --data,"
            + " or name what to back up.");
    }
}
