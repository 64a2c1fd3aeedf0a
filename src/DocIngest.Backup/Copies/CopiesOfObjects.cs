using DocIngest.Backup.Encoding;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;

namespace DocIngest.Backup.Copies;

/// <summary>Which snapshots hold which of some objects of an archive, wherever the archive lay when they were made.</summary>
/// <remarks>
/// <para>An object is held where its folder is below a storage root: below any folder that says it is one, whatever its path, and below any
/// of the archive's name, since a part of an archive may have been backed up without its declaration. So a data folder that was moved,
/// restored elsewhere or copied under another name hides nothing.</para>
/// <para>Below a storage root only the folders on the way to the objects are read; everything beside the archives is searched for more
/// of them, but no object is looked into. Each tree is read once in a run, however many snapshots have it: it takes about as long as reading what
/// differs between the snapshots.</para>
/// </remarks>
public static class CopiesOfObjects
{
    /// <summary>Finds them.</summary>
    /// <param name="repository">Where to look.</param>
    /// <param name="objects">Paths below the storage root, with <c>/</c> between names: <c>949/ad3/2bd/949ad3…</c></param>
    /// <param name="rootName">The name that the storage root has: <c>archive</c>.</param>
    /// <param name="terms">How the lock is taken, which is not exclusive; null for none: then a prune at the same time makes faults.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ArgumentException">A path is none below a root.</exception>
    /// <exception cref="RepositoryLockedException">Somebody works there alone. A retry may help.</exception>
    /// <exception cref="DamagedRepositoryException">An index file cannot be read. Damaged snapshots and trees are faults of the result.</exception>
    /// <exception cref="Storage.StorageException">The store does not answer. A retry may help.</exception>
    public static Task<CopiesFound> FindAsync(
        Repository repository, IReadOnlyList<string> objects, string rootName, LockTerms? terms, CancellationToken cancellation)
    {
        var places = new ObjectPlaces(objects);
        Task<CopiesFound> WorkAsync(CancellationToken stop) => FindAsync(repository, places, rootName, stop);
        return terms is null ? WorkAsync(cancellation) : terms.HoldAsync(repository, isExclusive: false, WorkAsync, cancellation);
    }

    private static async Task<CopiesFound> FindAsync(Repository repository, ObjectPlaces places, string rootName, CancellationToken cancellation)
    {
        // Before the index: what they refer to must be in there.
        var listed = await repository.ListSnapshotsAsync(cancellation).ToListAsync(cancellation);
        var search = new ObjectSearch(repository, await repository.LoadIndexAsync(cancellation), places, rootName);
        var copies = new List<SnapshotCopies>();
        foreach (var (id, snapshot, fault) in listed)
            copies.Add(snapshot is null ? new SnapshotCopies(id, null, [], fault?.Message ?? "It cannot be read.") : new SnapshotCopies(id, snapshot.Time, [], null));
        var found = await search.RunAsync(listed.Select(entry => entry.Snapshot?.Tree), cancellation);
        return new CopiesFound([.. copies
            .Zip(found, (snapshot, below) => snapshot with { Objects = [.. below.Objects.Order()], Fault = snapshot.Fault ?? below.Fault })
            .OrderBy(snapshot => snapshot.Time?.Instant)
            .ThenBy(snapshot => snapshot.Snapshot)]);
    }
}

/// <summary>What was found of some objects in a repository.</summary>
/// <param name="Snapshots">All snapshots there are, oldest first, those that hold none among them.</param>
public sealed record CopiesFound(IReadOnlyList<SnapshotCopies> Snapshots)
{
    /// <summary>Those that hold some of the objects.</summary>
    public IEnumerable<SnapshotCopies> Holding => Snapshots.Where(snapshot => snapshot.Objects.Count > 0);

    /// <summary>Those of which nobody can say that they hold no more than was found.</summary>
    public IEnumerable<SnapshotCopies> Unclear => Snapshots.Where(snapshot => snapshot.Fault is not null);
}

/// <summary>What a snapshot holds of some objects.</summary>
/// <param name="Snapshot">The snapshot.</param>
/// <param name="Time">When it was made; null where it cannot be read.</param>
/// <param name="Objects">The numbers of the objects it holds, ascending; what was found, where there is a fault.</param>
/// <param name="Fault">Why it may hold more; null where it was read to the end. Names no file.</param>
public sealed record SnapshotCopies(FileId Snapshot, ZonedTime? Time, IReadOnlyList<int> Objects, string? Fault);
