using DocIngest.Backup.Indexes;
using DocIngest.Backup.Packs;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Snapshots;
using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Pruning;

/// <summary>All that a repository holds, as a prune has to know it: snapshots, index files and packs.</summary>
/// <remarks>Under the exclusive lock: nothing of it changes meanwhile.</remarks>
internal sealed class Stock
{
    private Stock(IReadOnlyList<TreeRoot> roots, bool hasBackups) => (Roots, HasBackups) = (roots, hasBackups);

    /// <summary>The root trees of all snapshots that stay.</summary>
    internal IReadOnlyList<TreeRoot> Roots { get; }

    /// <summary>Whether one of these snapshots is a backup, and not one of the <see cref="DestructionLedger"/>.</summary>
    internal bool HasBackups { get; }

    /// <summary>What the index files say together.</summary>
    internal BlobIndex Index { get; } = new();

    /// <summary>Which index file names which packs.</summary>
    internal List<IndexFile> IndexFiles { get; } = [];

    /// <summary>The packs that are there, with their sizes.</summary>
    internal Dictionary<FileId, long> Packs { get; } = [];

    /// <summary>Since when packs that no index names are known to be so.</summary>
    internal Dictionary<FileId, MarkedPack> Marks { get; } = [];

    private readonly Dictionary<FileId, int> _blobCounts = [];

    /// <summary>Looks at everything.</summary>
    /// <exception cref="PruneRefusedException">A snapshot cannot be read: nobody knows what it needs. Or index files contradict each other.</exception>
    /// <exception cref="DamagedRepositoryException">An index file cannot be read.</exception>
    internal static async Task<Stock> TakeAsync(Repository repository, IReadOnlySet<FileId> withoutSnapshots, CancellationToken cancellation)
    {
        var (roots, hasBackups) = await RootsAsync(repository, withoutSnapshots, cancellation);
        var stock = new Stock(roots, hasBackups);
        await foreach (var file in repository.Store.ListAsync(FileKind.Index, cancellation))
            await stock.AddIndexFileAsync(repository, file.Id, cancellation);
        await foreach (var pack in repository.Store.ListAsync(FileKind.Pack, cancellation))
            stock.Packs[pack.Id] = pack.SizeBytes;
        return stock;
    }

    private static async Task<(IReadOnlyList<TreeRoot> Roots, bool HasBackups)> RootsAsync(
        Repository repository, IReadOnlySet<FileId> withoutSnapshots, CancellationToken cancellation)
    {
        var roots = new List<TreeRoot>();
        bool hasBackups = false;
        await foreach (var listed in repository.ListSnapshotsAsync(cancellation))
        {
            if (withoutSnapshots.Contains(listed.Id))
                continue;
            if (listed.Snapshot is not { } snapshot)
                throw new PruneRefusedException($"The snapshot {listed.Id} cannot be read: nobody knows what it needs. Nothing was pruned.", listed.Fault);
            roots.Add(new TreeRoot(snapshot.Tree, listed.Id));
            hasBackups |= OwnSeries.Of(snapshot.Tags) is null;
        }

        return (roots, hasBackups);
    }

    private async Task AddIndexFileAsync(Repository repository, FileId id, CancellationToken cancellation)
    {
        var packs = new List<FileId>();
        int blobCount = 0;
        bool hasMarks = false;
        await repository.LoadIndexFileAsync(id, Found, Marked, cancellation);
        IndexFiles.Add(new IndexFile(id, packs, blobCount, hasMarks));

        void Found(FileId pack, ReadOnlySpan<PackedBlob> blobs)
        {
            bool isKnown = Index.FindPack(pack) >= 0;
            int before = Index.Count;
            Index.Add(pack, blobs);
            if (isKnown && (Index.Count != before || _blobCounts[pack] != blobs.Length))
                throw new PruneRefusedException($"Two index files tell different things of the pack {pack}. Let restic repair the index first. Nothing was pruned.");
            _blobCounts[pack] = blobs.Length;
            packs.Add(pack);
            blobCount += blobs.Length;
        }

        void Marked(MarkedPack pack)
        {
            hasMarks = true;
            if (!Marks.TryGetValue(pack.Id, out var known) || pack.Since < known.Since)
                Marks[pack.Id] = pack;
        }
    }
}

/// <summary>An index file.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Packs">What it names.</param>
/// <param name="BlobCount">Blobs of these.</param>
/// <param name="HasMarks">Whether it tells of packs that wait for their deletion.</param>
internal sealed record IndexFile(FileId Id, IReadOnlyList<FileId> Packs, int BlobCount, bool HasMarks);
