using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;

namespace DocIngest.Backup.Snapshots;

/// <summary>Finds a snapshot as people name it.</summary>
public static class SnapshotLookup
{
    /// <summary>The newest snapshot of those that a filter lets pass; none of <see cref="OwnSeries"/>, unless the filter asks for tags.</summary>
    public const string Latest = "latest";

    /// <summary>Finds a snapshot.</summary>
    /// <param name="repository">Where to look.</param>
    /// <param name="name"><see cref="Latest"/>, or the first digits of an id.</param>
    /// <param name="filter">Among which the latest is looked for; of no matter for an id.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="NameNotFoundException">There is none.</exception>
    /// <exception cref="AmbiguousNameException">The digits are those of several.</exception>
    /// <exception cref="DamagedRepositoryException">The latest is asked for, and a snapshot that cannot be read may be it.</exception>
    public static async Task<FileId> FindSnapshotAsync(
        this Repository repository, string name, SnapshotFilter filter, CancellationToken cancellation)
    {
        if (name != Latest)
            return await repository.Store.FindByPrefixAsync(FileKind.Snapshot, name, cancellation);

        (FileId Id, Snapshot Snapshot)? newest = null;
        await foreach (var listed in repository.ListSnapshotsAsync(cancellation))
        {
            if (listed.Snapshot is not { } snapshot)
                throw listed.Fault ?? new DamagedRepositoryException(FileKind.Snapshot, listed.Id, "it cannot be read.");
            if (MayBeLatest(snapshot, filter) && (newest is not { } best || IsNewer(listed.Id, snapshot, best)))
                newest = (listed.Id, snapshot);
        }

        return newest?.Id ?? throw new NameNotFoundException($"{repository.Store.DisplayName}: there is no such snapshot.");
    }

    private static bool MayBeLatest(Snapshot snapshot, SnapshotFilter filter) =>
        filter.Matches(snapshot) && (filter.Tags.Count > 0 || OwnSeries.Of(snapshot.Tags) is null);

    // Of equal times the id decides, so that two calls find the same.
    private static bool IsNewer(FileId id, Snapshot snapshot, (FileId Id, Snapshot Snapshot) best) =>
        snapshot.Time.Instant.CompareTo(best.Snapshot.Time.Instant) is var order && (order > 0 || (order == 0 && id.CompareTo(best.Id) > 0));
}
