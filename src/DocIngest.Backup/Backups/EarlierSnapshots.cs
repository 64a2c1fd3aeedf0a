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
    /// <param name="series">Of which of <see cref="OwnSeries"/> this one is: those and backups are never held against each other.</param>
    internal static EarlierSnapshots Among(
        IEnumerable<(FileId Id, Snapshot Snapshot)> snapshots, string hostName, IReadOnlyList<string> paths, Encoding.UnixTime start, string? series = null)
    {
        string[] sorted = [.. paths.Order(StringComparer.Ordinal)];
        return new EarlierSnapshots([.. snapshots
            .Where(earlier => OwnSeries.Of(earlier.Snapshot.Tags) == series && earlier.Snapshot.HostName == hostName && earlier.Snapshot.Time.Instant <= start
                && earlier.Snapshot.Paths.Order(StringComparer.Ordinal).SequenceEqual(sorted))
            .OrderByDescending(earlier => earlier.Snapshot.Time.Instant)
            .Take(Most)]);
    }

    /// <summary>Whether one of them has a file at this place or below it.</summary>
    internal async Task<bool> HadFilesAsync(StoredTrees trees, TreePath path, CancellationToken cancellation)
    {
        foreach (var (_, snapshot) in _newest)
        {
            var before = await trees.AtAsync(snapshot.Tree, path, cancellation);
            if ((await trees.CountLostAsync(before, [], lost => lost.Files > 0, cancellation)).Files > 0)
                return true;
        }

        return false;
    }

    /// <summary>What the newest one had at a place, of those that had too much for what is there now.</summary>
    /// <param name="trees">Where to look.</param>
    /// <param name="path">The place.</param>
    /// <param name="now">What is there now.</param>
    /// <param name="root">Where that is.</param>
    /// <param name="isTooMuch">Whether one that had as much is a reason for an alarm. More is one too, then.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>At least so much; null where none had too much.</returns>
    /// <remarks>
    /// What a whole snapshot had, and then what is gone since, are more than what it had here, or as much: where even they are not too
    /// much, nothing more is read. So the path with most of all files costs nothing, and others what has changed in them.
    /// </remarks>
    internal async Task<FileCount?> HadTooMuchAsync(
        StoredTrees trees, TreePath path, FileCount now, BlobId root, Func<FileCount, bool> isTooMuch, CancellationToken cancellation)
    {
        foreach (var (_, snapshot) in _newest)
        {
            if (snapshot.Summary is { } all && !isTooMuch(new FileCount(all.FilesProcessed, all.BytesProcessed)))
                continue;

            var before = await trees.AtAsync(snapshot.Tree, path, cancellation);
            var lost = await trees.CountLostAsync(before, await trees.AtAsync(root, path, cancellation), lost => isTooMuch(now + lost), cancellation);
            if (!isTooMuch(now + lost))
                continue;

            var had = await trees.CountLostAsync(before, [], isTooMuch, cancellation);
            if (isTooMuch(had))
                return had;
        }

        return null;
    }
}
