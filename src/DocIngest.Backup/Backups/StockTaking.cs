using DocIngest.Backup.Indexes;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Packs;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;

namespace DocIngest.Backup.Backups;

/// <summary>What of a repository a backup may rely on, found by holding the index against the packs that are really there.</summary>
/// <remarks>
/// A pack that the index names but that is gone, or of another size, does not count: its blobs are stored again from the source, which
/// heals older snapshots too. A pack that no index names is what a killed backup left, and is used again (DESIGN I2); unless somebody
/// else works in the repository, who may be about to index it himself, or a prune has marked it for deletion.
/// </remarks>
internal sealed class StockTaking(Repository repository)
{
    private readonly Lock _gate = new();

    // Under _gate.
    private readonly HashSet<FileId> _indexed = [];
    private readonly HashSet<FileId> _lost = [];
    private readonly HashSet<FileId> _marked = [];

    /// <summary>Every blob that can be relied on.</summary>
    internal BlobIndex Index { get; } = new();

    /// <summary>Packs that the index names in vain.</summary>
    internal IReadOnlyCollection<FileId> LostPacks => _lost;

    /// <summary>Looks at everything. Snapshots must have been listed before.</summary>
    /// <returns>Packs that no index names and that can be told to one now.</returns>
    internal async Task<IReadOnlyList<ForgottenPack>> RunAsync(CancellationToken cancellation)
    {
        // Index files first: whatever pack one of them names is there already, and is found by the second listing.
        var files = await IndexFilesAsync(cancellation);
        var packs = new Dictionary<FileId, long>();
        await foreach (var pack in repository.Store.ListAsync(FileKind.Pack, cancellation))
            packs[pack.Id] = pack.SizeBytes;

        await Parallel.ForEachAsync(files, Bounded(cancellation), async (id, stop) =>
            await repository.LoadIndexFileAsync(id, (pack, blobs) => Count(pack, blobs, packs), Mark, stop));
        return await IsAloneAsync(files, cancellation) ? await FindForgottenAsync(packs, cancellation) : [];
    }

    private async Task<HashSet<FileId>> IndexFilesAsync(CancellationToken cancellation)
    {
        var files = new HashSet<FileId>();
        await foreach (var file in repository.Store.ListAsync(FileKind.Index, cancellation))
            files.Add(file.Id);
        return files;
    }

    /// <summary>A pack that waits for its deletion may hold what must leave the repository, and somebody may be about to delete it.</summary>
    private void Mark(MarkedPack pack)
    {
        lock (_gate)
            _marked.Add(pack.Id);
    }

    private void Count(FileId pack, ReadOnlySpan<PackedBlob> blobs, Dictionary<FileId, long> packs)
    {
        bool isThere = packs.TryGetValue(pack, out long size) && size == PackHeader.PackBytes(blobs);
        if (isThere)
            Index.Add(pack, blobs);
        lock (_gate)
            (isThere ? _indexed : _lost).Add(pack);
    }

    /// <summary>Whether nobody else works here, or did until just now: his last index file may have come after our listing.</summary>
    private async Task<bool> IsAloneAsync(HashSet<FileId> indexFiles, CancellationToken cancellation)
    {
        int locks = 0;
        await foreach (var _ in new LockFolder(repository).ListAsync(cancellation))
            locks++;
        return locks == 1 && indexFiles.SetEquals(await IndexFilesAsync(cancellation));   // the one lock is ours
    }

    private async Task<IReadOnlyList<ForgottenPack>> FindForgottenAsync(Dictionary<FileId, long> packs, CancellationToken cancellation)
    {
        var forgotten = new List<ForgottenPack>();
        var unnamed = packs.Where(pack => !_indexed.Contains(pack.Key) && !_lost.Contains(pack.Key) && !_marked.Contains(pack.Key));
        await Parallel.ForEachAsync(unnamed, Bounded(cancellation), async (pack, stop) =>
        {
            if (await TryReadHeaderAsync(new StoredFile(pack.Key, pack.Value), stop) is not { } blobs)
                return;
            lock (_gate)
                forgotten.Add(new ForgottenPack(pack.Key, blobs));
        });
        return forgotten;
    }

    private async Task<PackedBlob[]?> TryReadHeaderAsync(StoredFile pack, CancellationToken cancellation)
    {
        try
        {
            var blobs = await repository.LoadPackHeaderAsync(pack, cancellation);
            return PackHeader.PackBytes(blobs) == pack.SizeBytes ? blobs : null;
        }
        catch (DamagedRepositoryException)
        {
            return null;   // Nobody refers to it: check tells of it, prune removes it.
        }
    }

    private static ParallelOptions Bounded(CancellationToken cancellation) =>
        new() { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount };
}

/// <summary>A pack that lies whole in the repository, and that no index names.</summary>
internal sealed record ForgottenPack(FileId Id, PackedBlob[] Blobs);
