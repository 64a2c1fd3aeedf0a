using DocIngest.Backup;
using DocIngest.Backup.Restores;
using DocIngest.Backup.Snapshots;

namespace DocIngest.Assurance.Sources;

/// <summary>The archive in the newest backup that holds it.</summary>
/// <param name="Id">The snapshot.</param>
/// <param name="Snapshot">What it says of itself.</param>
/// <param name="DataFolder">The data folder's path in it, from its root, without a slash at either end.</param>
/// <param name="Readable">How many snapshots of the repository can be read.</param>
/// <param name="Unreadable">How many cannot: one of them may be newer.</param>
/// <param name="Ahead">How many of this data folder say that they were made after now: the clock was wrong, then or now. They are passed over.</param>
internal sealed record BackedUpArchive(FileId Id, Snapshot Snapshot, string DataFolder, int Readable, int Unreadable, int Ahead)
{
    private static readonly TimeSpan ClocksDiffer = TimeSpan.FromMinutes(10);

    internal static readonly string[] RootFiles = ["0=ocfl_1.1", "0=ocfl_1.0", "ocfl_1.1.txt", "ocfl_layout.json", "extensions"];

    /// <summary>When the backup began: what was filed by then is in it.</summary>
    public DateTimeOffset Time => Snapshot.Time.Instant.ToDateTimeOffset();

    /// <summary>Finds it.</summary>
    /// <param name="backup">The repository, and the host whose snapshots are ours.</param>
    /// <param name="dataPath">The data folder.</param>
    /// <param name="now">The moment.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="NoBackupException">No snapshot holds the archive of this data folder.</exception>
    /// <exception cref="BackupException">The repository is damaged.</exception>
    public static async Task<BackedUpArchive> FindAsync(OpenedBackup backup, string dataPath, DateTimeOffset now, CancellationToken cancellation) =>
        (await ListAsync(backup, dataPath, now, cancellation))[0];

    /// <summary>Finds all of them, newest first: one at least.</summary>
    /// <inheritdoc cref="FindAsync" />
    public static async Task<IReadOnlyList<BackedUpArchive>> ListAsync(OpenedBackup backup, string dataPath, DateTimeOffset now, CancellationToken cancellation)
    {
        string archive = Path.Combine(dataPath, Pipeline.DataFolder.Archive);
        var found = new List<(FileId Id, Snapshot Snapshot)>();
        var (readable, unreadable, ahead) = (0, 0, 0);
        await foreach (var listed in backup.Repository.ListSnapshotsAsync(cancellation))
        {
            if (listed.Snapshot is not { } snapshot)
            {
                unreadable++;
                continue;
            }

            readable++;
            if (OwnSeries.Of(snapshot.Tags) is not null || snapshot.HostName != backup.HostName || !snapshot.Paths.Any(path => Holds(path, archive)))
            {
                continue;
            }

            if (snapshot.Time.Instant.ToDateTimeOffset() > now + ClocksDiffer)
            {
                ahead++;
            }
            else
            {
                found.Add((listed.Id, snapshot));
            }
        }

        return found.Count > 0
            ? [.. found.OrderByDescending(one => one.Snapshot.Time.Instant).Select(one => new BackedUpArchive(one.Id, one.Snapshot, InSnapshot(dataPath), readable, unreadable, ahead))]
            : throw new NoBackupException(
                $"No snapshot of the host {backup.HostName} in {backup.Name} holds {archive}: there is nothing to restore. ({readable} snapshots can be read, {unreadable} cannot.)"
                + " Was the machine renamed? Then set backup.hostName.");
    }

    /// <summary>What is restored for these objects: their folders, and what makes a storage root of it.</summary>
    public RestoreOptions Only(IEnumerable<string> objectFolders) => new()
    {
        Include =
        [
            .. RootFiles.Select(name => $"/{DataFolder}/{Pipeline.DataFolder.Archive}/{name}"),
            .. objectFolders.Select(folder => $"/{DataFolder}/{folder}"),
        ],
    };

    /// <summary>The whole archive.</summary>
    public RestoreOptions Whole() => new() { Include = [$"/{DataFolder}/{Pipeline.DataFolder.Archive}"] };

    private static bool Holds(string path, string archive) =>
        archive == path || archive.StartsWith(Path.EndsInDirectorySeparator(path) ? path : path + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    // As backups name files: C:\data is C/data (restic-format 14).
    private static string InSnapshot(string path) => path.Replace(Path.DirectorySeparatorChar, '/').Replace(":", "", StringComparison.Ordinal).Trim('/');
}

/// <summary>There is no backup of the archive. A retry does not help.</summary>
public sealed class NoBackupException(string message) : Exception(message);
