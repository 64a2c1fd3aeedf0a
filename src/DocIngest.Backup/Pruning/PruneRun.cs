using DocIngest.Backup.Compression;
using DocIngest.Backup.Indexes;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Packs;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Storage;

namespace DocIngest.Backup.Pruning;

/// <summary>Removes from a repository what no snapshot needs.</summary>
/// <remarks>
/// Crash points: (1) what is needed of packs that go is written into new ones, with their index files; (2) the index files without the
/// packs that go are saved, with marks that these are to go, and only then (3) the old index files deleted, and only then (4) the packs. A crash after 1 leaves second
/// copies, after 2 packs named twice, after 3 packs that nobody names: the repository is whole each time, and the next prune goes on.
/// </remarks>
public sealed class PruneRun
{
    /// <summary>What is read of a pack at once, whatever lies between the needed blobs.</summary>
    private const int MostReadBytes = 32 * 1024 * 1024;

    private readonly Repository _repository;
    private readonly PrunePlan _plan;
    private readonly TimeProvider _time;
    private readonly IProgress<WorkProgress>? _progress;
    private long _packsDone;
    private long _bytesDone;

    private PruneRun(Repository repository, PrunePlan plan, TimeProvider time, IProgress<WorkProgress>? progress)
    {
        _repository = repository;
        _plan = plan;
        _time = time;
        _progress = progress;
    }

    /// <summary>Says what a prune would do now. Nothing is changed.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="options">How far.</param>
    /// <param name="withoutSnapshots">Snapshots to be taken for forgotten already.</param>
    /// <param name="terms">How the exclusive lock is taken.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="PruneRefusedException">What snapshots need is not all there, or everything would go.</exception>
    /// <exception cref="RepositoryLockedException">Somebody works there.</exception>
    /// <exception cref="DamagedRepositoryException">An index file cannot be read.</exception>
    public static Task<PruneSummary> PlanAsync(
        Repository repository, PruneOptions options, IReadOnlySet<FileId> withoutSnapshots, LockTerms terms, CancellationToken cancellation) =>
        terms.HoldAsync(
            repository,
            isExclusive: true,
            async stop => (await new PrunePlanner(repository, options, terms.Time).PlanAsync(withoutSnapshots, stop)).Summary,
            cancellation);

    /// <summary>Plans and prunes, while nobody else works in the repository.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="options">How far.</param>
    /// <param name="terms">How the exclusive lock is taken.</param>
    /// <param name="progress">Packs, and bytes of them, that were rewritten; called from several threads.</param>
    /// <param name="cancellation">Gives up. The repository is whole; the next prune goes on.</param>
    /// <exception cref="PruneRefusedException">What snapshots need is not all there, or everything would go. Nothing changed.</exception>
    /// <exception cref="RepositoryLockedException">Somebody works there. Nothing changed.</exception>
    /// <exception cref="DamagedRepositoryException">An index file or something to be rewritten cannot be read. Nothing was removed.</exception>
    /// <exception cref="LockLostException">Somebody removed the lock. Nothing was removed; the next prune goes on.</exception>
    /// <exception cref="StorageException">The store failed. The repository is whole; the next prune goes on.</exception>
    public static Task<PruneResult> RunAsync(
        Repository repository, PruneOptions options, LockTerms terms, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        terms.HoldAsync(
            repository,
            isExclusive: true,
            async (held, stop) =>
            {
                await held.Confirmed;
                var plan = await new PrunePlanner(repository, options, terms.Time).PlanAsync(new HashSet<FileId>(), stop);
                return await ExecuteAsync(repository, plan, held, terms.Time, progress, stop);
            },
            cancellation);

    /// <summary>Does what was planned under the exclusive lock that is still held. A plan runs once.</summary>
    internal static Task<PruneResult> ExecuteAsync(
        Repository repository, PrunePlan plan, RepositoryLock held, TimeProvider time, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        new PruneRun(repository, plan, time, progress).ExecuteAsync(held, cancellation);

    private async Task<PruneResult> ExecuteAsync(RepositoryLock held, CancellationToken cancellation)
    {
        await RepackAsync(cancellation);   // 1
        await SaveIndexAsync(cancellation);
        var doomed = await SaveDoomedAsync(cancellation);   // 2
        await held.DemandHeldAsync(cancellation);   // whoever took it away may rely on the old index; from 3 on the new one is all there is
        foreach (var file in _plan.ReplacedIndexFiles)
            await _repository.Store.DeleteAsync(FileKind.Index, file.Id, cancellation);   // 3
        int left = await DeletePacksAsync(cancellation);   // 4
        if (doomed is { } marks && left == 0)
            await _repository.Store.DeleteAsync(FileKind.Index, marks, cancellation);
        return new PruneResult(_plan.Summary, left, await RemoveTemporaryAsync(cancellation));
    }

    private async Task<int> RemoveTemporaryAsync(CancellationToken cancellation) =>
        _repository.Store is IStrayFiles store ? await store.RemoveTemporaryAsync(_time.GetUtcNow() - _plan.Grace, cancellation) : 0;

    private async Task RepackAsync(CancellationToken cancellation)
    {
        var blobsByPack = BlobsToRewrite();
        await using var blobs = new BlobWriter(_repository, new BlobIndex(), CompressionMode.Fast, _time, Task.CompletedTask, cancellation);   // an index of nothing: all of it is written
        await Parallel.ForEachAsync(blobsByPack, Bounded(cancellation), async (pack, stop) =>
        {
            await RepackAsync(pack.Key, pack.Value, blobs, stop);
            long packs = Interlocked.Increment(ref _packsDone);
            long bytes = Interlocked.Add(ref _bytesDone, _plan.Stock.Packs[pack.Key]);
            _progress?.Report(new WorkProgress(packs, _plan.Summary.PacksRepacked, bytes, _plan.Summary.BytesRepacked));
        });
        await blobs.FlushAsync(cancellation);
    }

    private Dictionary<FileId, List<PackedBlob>> BlobsToRewrite()
    {
        var index = _plan.Stock.Index;
        var blobs = new Dictionary<FileId, List<PackedBlob>>();
        for (int number = 0; number < index.Count; number++)
        {
            var entry = index[number];
            if (_plan.Fates[entry.PackNumber] is not PackFate.Repack || !_plan.Kept[number])
                continue;
            if (!blobs.TryGetValue(entry.Pack, out var list))
                blobs.Add(entry.Pack, list = []);
            list.Add(entry.Blob);
        }

        return blobs;
    }

    /// <summary>Copies the needed blobs of one pack, each held against its id.</summary>
    private async Task RepackAsync(FileId pack, List<PackedBlob> needed, BlobWriter blobs, CancellationToken cancellation)
    {
        needed.Sort((left, right) => left.Offset.CompareTo(right.Offset));
        for (int first = 0, next; first < needed.Count; first = next)
        {
            long start = needed[first].Offset;
            next = first + 1;
            if (needed[first].Length > MostReadBytes)
            {
                await RewriteAsync(needed[first], blobs, cancellation);
                continue;
            }

            while (next < needed.Count && needed[next].End - start <= MostReadBytes)
                next++;
            using var stretch = PooledBytes.Rent((int)(needed[next - 1].End - start));
            await _repository.Store.ReadAsync(FileKind.Pack, pack, start, stretch.Memory, cancellation);
            for (int i = first; i < next; i++)
                await CopyAsync(needed[i], stretch.Memory.Slice((int)(needed[i].Offset - start), (int)needed[i].Length), blobs, cancellation);
        }
    }

    private async Task CopyAsync(PackedBlob blob, ReadOnlyMemory<byte> sealedBlob, BlobWriter blobs, CancellationToken cancellation)
    {
        bool staysAsItIs = blob.Type is BlobType.Data || blob.IsCompressed || _repository.Config.Version < 2;
        if (!staysAsItIs || !await blobs.TryCopyAsync(blob, sealedBlob, cancellation))
            await RewriteAsync(blob, blobs, cancellation);
    }

    /// <summary>Encodes a blob anew. If this copy is damaged another may be whole; or there is none, and the prune ends here.</summary>
    private async Task RewriteAsync(PackedBlob blob, BlobWriter blobs, CancellationToken cancellation)
    {
        using var plaintext = await _repository.LoadBlobAsync(_plan.Stock.Index, blob.Type, blob.Id, cancellation);
        await blobs.StoreAsync(blob.Type, blob.Id, plaintext.Memory, cancellation);
    }

    /// <summary>Saves the index files that stand in for those that are replaced, and one for the packs that wait.</summary>
    private async Task SaveIndexAsync(CancellationToken cancellation)
    {
        var stock = _plan.Stock;
        var named = stock.IndexFiles.Except(_plan.ReplacedIndexFiles).SelectMany(file => file.Packs).ToHashSet();
        using var saver = new IndexSaver(_repository, _time);
        foreach (var file in _plan.ReplacedIndexFiles)
        {
            var packs = new List<(FileId Id, PackedBlob[] Blobs)>();
            await _repository.LoadIndexFileAsync(file.Id, (pack, blobs) => packs.Add((pack, blobs.ToArray())), cancellation);
            foreach (var (id, blobs) in packs.Where(pack => _plan.Fates[stock.Index.FindPack(pack.Id)] is PackFate.Keep && named.Add(pack.Id)))
                await saver.AddAsync(id, blobs, cancellation);
        }

        await saver.FlushAsync(cancellation);
        bool isStale = _plan.ReplacedIndexFiles.Any(file => file.HasMarks) || !_plan.Waiting.ToHashSet().SetEquals(stock.Marks.Values);
        if (_plan.Waiting.Count > 0 && isStale)
        {
            var marks = MarkedPack.WriteFile(_plan.Waiting.Select(pack => (pack, stock.Packs[pack.Id])));
            await _repository.SaveUnpackedAsync(FileKind.Index, marks, cancellation);
        }
    }

    /// <summary>
    /// Marks the packs that are about to go as due: if this prune dies before they are gone, no backup takes them over again, and the next
    /// prune deletes them at once.
    /// </summary>
    /// <returns>The index file of the marks; null where no pack goes.</returns>
    private async Task<FileId?> SaveDoomedAsync(CancellationToken cancellation)
    {
        var packs = DoomedPacks().Where(_plan.Stock.Packs.ContainsKey).ToList();
        if (packs.Count == 0)
            return null;
        var marks = MarkedPack.WriteFile(packs.Select(pack => (new MarkedPack(pack, default), _plan.Stock.Packs[pack])));
        return await _repository.SaveUnpackedAsync(FileKind.Index, marks, cancellation);
    }

    private IEnumerable<FileId> DoomedPacks() => Enumerable.Range(0, _plan.Stock.Index.PackCount)
        .Where(pack => _plan.Fates[pack] is PackFate.Remove or PackFate.Repack)
        .Select(_plan.Stock.Index.Pack)
        .Concat(_plan.ForgottenPacks);

    /// <returns>How many could not be deleted. They are harmless: no index names them.</returns>
    private async Task<int> DeletePacksAsync(CancellationToken cancellation)
    {
        int left = 0;
        await Parallel.ForEachAsync(DoomedPacks(), Bounded(cancellation), async (pack, stop) =>
        {
            try
            {
                await _repository.Store.DeleteAsync(FileKind.Pack, pack, stop);
            }
            catch (StorageException)
            {
                Interlocked.Increment(ref left);   // counted and told; the next prune finds it
            }
        });
        return left;
    }

    private static ParallelOptions Bounded(CancellationToken cancellation) =>
        new() { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount };
}
