using DocIngest.Backup;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Restores;
using DocIngest.Backup.Snapshots;

namespace DocIngest.Assurance.Recovery;

/// <summary>A data folder as a snapshot holds it, whatever machine it was on.</summary>
/// <param name="Id">The snapshot.</param>
/// <param name="Snapshot">What it says of itself.</param>
/// <param name="Folder">The data folder, by the names that lead to it from the snapshot's root.</param>
/// <param name="Unreadable">How many snapshots cannot be read: one of them may be newer.</param>
public sealed record RecoverySource(FileId Id, Snapshot Snapshot, IReadOnlyList<string> Folder, int Unreadable)
{
    // Where the newest backups of one set have no archive it has none; each look reads folders down to it.
    private const int LooksInSeries = 3;

    /// <summary>When the backup began: what was filed by then is in it.</summary>
    public DateTimeOffset Time => Snapshot.Time.Instant.ToDateTimeOffset();

    /// <summary>The data folder's path, for people.</summary>
    public string Path => "/" + string.Join('/', Folder);

    /// <summary>Finds the newest backup of the one data folder that the repository holds.</summary>
    /// <param name="repository">Where.</param>
    /// <param name="named">The snapshot, where a person has named it; null for the newest.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="SourceUnclearException">No snapshot holds an archive, or several data folders are in the repository and none was named.</exception>
    /// <exception cref="BackupException">The repository is damaged, or has no such snapshot.</exception>
    public static async Task<RecoverySource> FindAsync(Repository repository, string? named, CancellationToken cancellation)
    {
        var (snapshots, unreadable) = await ListAsync(repository, cancellation);
        if (named is not null)
        {
            var id = await repository.FindSnapshotAsync(named, new SnapshotFilter(), cancellation);
            return await OnlyAsync(repository, id, await repository.LoadSnapshotAsync(id, cancellation), unreadable, cancellation)
                ?? throw new SourceUnclearException($"The snapshot {id} holds no archive, or several: 'docingest backup list' lists the snapshots.", isAmbiguous: true);
        }

        var newest = new Dictionary<string, RecoverySource>(StringComparer.Ordinal);
        foreach (var series in snapshots.GroupBy(one => (one.Snapshot.HostName, Paths: string.Join('\n', one.Snapshot.Paths))))
        {
            foreach (var (id, snapshot) in series.OrderByDescending(one => one.Snapshot.Time.Instant).Take(LooksInSeries))
            {
                if (await OnlyAsync(repository, id, snapshot, unreadable, cancellation) is { } found)
                {
                    string of = $"{snapshot.HostName}:{found.Path}";
                    newest[of] = newest.TryGetValue(of, out var other) && other.Time > found.Time ? other : found;
                    break;
                }
            }
        }

        return newest.Values.ToList() switch
        {
            [var one] => one,
            [] => throw new SourceUnclearException($"No snapshot of the repository holds an archive: there is nothing to recover. ({snapshots.Count} backups can be read, {unreadable} snapshots cannot.)", isAmbiguous: false),
            var several => throw new SourceUnclearException(
                "The repository holds backups of more than one data folder. Name the snapshot with --snapshot. The newest of each:"
                + string.Concat(several.Select(one => $"\n  {one.Id.ToString()[..8]}  {one.Snapshot.Time}  {one.Snapshot.HostName}:{one.Path}")), isAmbiguous: true),
        };
    }

    private static async Task<(List<(FileId Id, Snapshot Snapshot)> Snapshots, int Unreadable)> ListAsync(Repository repository, CancellationToken cancellation)
    {
        var snapshots = new List<(FileId, Snapshot)>();
        int unreadable = 0;
        await foreach (var listed in repository.ListSnapshotsAsync(cancellation))
        {
            if (listed.Snapshot is not { } snapshot)
            {
                unreadable++;
            }
            else if (OwnSeries.Of(snapshot.Tags) is null)
            {
                snapshots.Add((listed.Id, snapshot));
            }
        }

        return (snapshots, unreadable);
    }

    private static async Task<RecoverySource?> OnlyAsync(Repository repository, FileId id, Snapshot snapshot, int unreadable, CancellationToken cancellation) =>
        await ArchivesInSnapshot.FindAsync(repository, id, Pipeline.DataFolder.Archive, cancellation) is [var folder] ? new RecoverySource(id, snapshot, folder, unreadable) : null;
}

/// <summary>What is to be recovered cannot be told. Nothing was begun.</summary>
/// <param name="message">What to do.</param>
/// <param name="isAmbiguous">Whether there is something, and a person must say which.</param>
public sealed class SourceUnclearException(string message, bool isAmbiguous) : Exception(message)
{
    /// <summary>Whether there is something, and a person must say which.</summary>
    public bool IsAmbiguous { get; } = isAmbiguous;
}
