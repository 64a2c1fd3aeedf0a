using DocIngest.Backup.Indexes;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Snapshots;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Restores;

/// <summary>The snapshots of the <see cref="DestructionLedger"/> that a repository has.</summary>
internal sealed class LedgerSnapshots
{
    private readonly List<LedgerSnapshot> _newestFirst;

    private LedgerSnapshots(IEnumerable<LedgerSnapshot> found, int unreadable)
    {
        UnreadableCount = unreadable;
        _newestFirst = [.. found.OrderByDescending(ledger => ledger.Snapshot.Time.Instant).ThenByDescending(ledger => ledger.Id)];
    }

    /// <summary>Whether there are none.</summary>
    internal bool IsEmpty => _newestFirst.Count == 0;

    /// <summary>Snapshots that cannot be read: whether they are of a ledger, nobody knows.</summary>
    internal int UnreadableCount { get; }

    /// <summary>Lists them.</summary>
    internal static async Task<LedgerSnapshots> ListAsync(Repository repository, CancellationToken cancellation)
    {
        var found = new List<LedgerSnapshot>();
        int unreadable = 0;
        await foreach (var (id, snapshot, _) in repository.ListSnapshotsAsync(cancellation))
        {
            if (snapshot is null)
                unreadable++;
            else if (DestructionLedger.IsTagged(snapshot.Tags) && snapshot.Paths is [var path])
                found.Add(new LedgerSnapshot(id, snapshot, NamesOf(path)));
        }

        return new LedgerSnapshots(found, unreadable);
    }

    /// <summary>The newest ledger of a data folder, which holds all that the former ones hold.</summary>
    /// <param name="repository">Gives the trees.</param>
    /// <param name="index">Where they are.</param>
    /// <param name="place">Where the data folder has its ledger.</param>
    /// <param name="hostName">The host whose data it is.</param>
    /// <param name="takesOthers">Whether, where none of its own is there, any other's at this place is taken.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Null where there is none of that place.</returns>
    /// <remarks>
    /// Where the data folder was moved since, its ledger went on elsewhere: a newer one that has every file of this one is the same ledger,
    /// since their names are drawn by chance.
    /// </remarks>
    internal async Task<LedgerSnapshot?> FindAsync(
        Repository repository, BlobIndex index, IReadOnlyList<string> place, string hostName, bool takesOthers, CancellationToken cancellation)
    {
        var here = _newestFirst.FindAll(ledger => ledger.Place.SequenceEqual(place));
        var own = here.Find(ledger => ledger.Snapshot.HostName == hostName) ?? (takesOthers ? here.FirstOrDefault() : null);
        if (own is null)
            return null;
        var held = await FilesAsync(repository, index, own, cancellation);
        foreach (var newer in held.Count == 0 ? [] : _newestFirst.TakeWhile(ledger => ledger != own))
        {
            if (held.Keys.All((await FilesAsync(repository, index, newer, cancellation)).ContainsKey))
                return newer;
        }

        return own;
    }

    /// <summary>Files that other ledgers of the same data folder have, and this one has not: each is written once and stays, so that somebody lost some.</summary>
    internal async Task<IReadOnlyList<string>> LackingAsync(
        Repository repository, BlobIndex index, LedgerSnapshot chosen, IReadOnlyList<string> place, string hostName, CancellationToken cancellation)
    {
        var held = await FilesAsync(repository, index, chosen, cancellation);
        var lacking = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var other in _newestFirst.Where(ledger => ledger != chosen && ledger.Snapshot.HostName == hostName && ledger.Place.SequenceEqual(place)))
            lacking.UnionWith((await FilesAsync(repository, index, other, cancellation)).Keys.Where(file => !held.ContainsKey(file)));
        return [.. lacking];
    }

    /// <summary>The files of a ledger by their paths in it, with a slash before each name.</summary>
    internal static async Task<IReadOnlyDictionary<string, Node>> FilesAsync(
        Repository repository, BlobIndex index, LedgerSnapshot ledger, CancellationToken cancellation)
    {
        var files = new Dictionary<string, Node>();
        var open = new Stack<(BlobId Tree, string Path)>();
        FileName[] names = [.. ledger.Place.Select(FileName.FromRaw)];
        if (await TreeLookup.FindFolderAsync(repository, index, ledger.Snapshot.Tree, names, cancellation) is { } top)
            open.Push((top, ""));
        while (open.TryPop(out var folder))
        {
            foreach (var node in await TreeLookup.ReadAsync(repository, index, folder.Tree, cancellation))
            {
                string path = $"{folder.Path}/{node.Name.ToRaw()}";
                if (node.Subtree is { } tree)
                    open.Push((tree, path));
                else
                    files[path] = node;
            }
        }

        return files;
    }

    /// <summary>The names that lead to a source from the root of its snapshot on, whichever system it was made on.</summary>
    private static string[] NamesOf(string path) => path is [var drive, ':', '\\' or '/', ..]
        ? [drive.ToString(), .. path[3..].Split('\\', '/').Where(name => name.Length > 0)]
        : path.Split('/', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>A snapshot of the <see cref="DestructionLedger"/>.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Snapshot">What it says.</param>
/// <param name="Place">Where the ledger is in it.</param>
internal sealed record LedgerSnapshot(FileId Id, Snapshot Snapshot, IReadOnlyList<string> Place);
