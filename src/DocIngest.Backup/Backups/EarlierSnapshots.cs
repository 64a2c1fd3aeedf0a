using DocIngest.Backup.Indexes;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Snapshots;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Backups;

/// <summary>The snapshots before this one, of the same host and paths: what a backup goes on from, and what it is held against.</summary>
/// <remarks>
/// It is held against several: a share that is away makes a small snapshot once and is the parent of the next, which must not be green
/// for that.
/// </remarks>
internal sealed class EarlierSnapshots
{
    /// <summary>How many are looked at: of daily backups, those of a week.</summary>
    private const int Most = 7;

    private readonly List<(FileId Id, Snapshot Snapshot)> _newest;

    private EarlierSnapshots(List<(FileId Id, Snapshot Snapshot)> newest) => _newest = newest;

    /// <summary>The newest; null for the first backup.</summary>
    internal (FileId Id, Snapshot Snapshot)? Parent => _newest.Count > 0 ? _newest[0] : null;

    /// <summary>The most files that one of them had; null where none tells, as those of restic before 0.17.</summary>
    internal ulong? MostFiles => _newest.Max(earlier => earlier.Snapshot.Summary?.FilesProcessed);

    /// <summary>The most bytes that one of them had; null where none tells.</summary>
    internal ulong? MostBytes => _newest.Max(earlier => earlier.Snapshot.Summary?.BytesProcessed);

    /// <summary>Finds them (restic-format 13).</summary>
    /// <param name="snapshots">All of the repository.</param>
    /// <param name="hostName">Whose.</param>
    /// <param name="paths">Of what, in any order.</param>
    /// <param name="start">Later ones do not count.</param>
    internal static EarlierSnapshots Among(
        IEnumerable<(FileId Id, Snapshot Snapshot)> snapshots, string hostName, IReadOnlyList<string> paths, Encoding.UnixTime start)
    {
        string[] sorted = [.. paths.Order(StringComparer.Ordinal)];
        return new EarlierSnapshots([.. snapshots
            .Where(earlier => earlier.Snapshot.HostName == hostName && earlier.Snapshot.Time.Instant <= start
                && earlier.Snapshot.Paths.Order(StringComparer.Ordinal).SequenceEqual(sorted))
            .OrderByDescending(earlier => earlier.Snapshot.Time.Instant)
            .Take(Most)]);
    }

    /// <summary>Whether one of them has a file at this place or below it. What cannot be read counts as none.</summary>
    internal async Task<bool> HadFilesAsync(Repository repository, BlobIndex index, TreePath path, CancellationToken cancellation)
    {
        foreach (var (_, snapshot) in _newest)
        {
            if (await HasFilesAsync(repository, index, snapshot.Tree, path.Names(), cancellation))
                return true;
        }

        return false;
    }

    private static async Task<bool> HasFilesAsync(
        Repository repository, BlobIndex index, BlobId root, IReadOnlyList<FileName> names, CancellationToken cancellation)
    {
        var open = new Stack<(BlobId Tree, int Depth)>([(root, 0)]);
        while (open.TryPop(out var next))
        {
            foreach (var node in await ReadAsync(repository, index, next.Tree, cancellation))
            {
                bool isOnTheWay = next.Depth >= names.Count || node.Name == names[next.Depth];
                if (isOnTheWay && node.Type is NodeType.File && next.Depth + 1 >= names.Count)
                    return true;
                if (isOnTheWay && node.Subtree is { } subtree)
                    open.Push((subtree, next.Depth + 1));
            }
        }

        return false;
    }

    private static async Task<List<Node>> ReadAsync(Repository repository, BlobIndex index, BlobId tree, CancellationToken cancellation)
    {
        try
        {
            using var blob = await repository.LoadBlobAsync(index, BlobType.Tree, tree, cancellation);
            return TreeReader.ReadAll(blob.Memory);
        }
        catch (Exception error) when (error is DamagedRepositoryException or MalformedTreeException)
        {
            return [];   // check tells of it; here it only means that there is nothing to hold the backup against
        }
    }
}
