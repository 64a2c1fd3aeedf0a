using DocIngest.Backup.Checks;
using DocIngest.Backup.Encoding;
using DocIngest.Backup.Indexes;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Backup.Trees;
using DocIngest.Storage;

namespace DocIngest.Backup.Pruning;

/// <summary>Finds out what nobody needs. Changes nothing.</summary>
/// <remarks>Refuses as soon as something that is needed cannot be found: whoever removes then removes what could still be saved.</remarks>
internal sealed class PrunePlanner(Repository repository, PruneOptions options, TimeProvider time)
{
    /// <summary>So many small index files are joined even where there is nothing else to do.</summary>
    private const int WorthJoining = 10;

    /// <summary>Plans, as if some snapshots were not there.</summary>
    /// <param name="withoutSnapshots">Those that are about to be forgotten.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="PruneRefusedException">Something needed is missing or unreadable, or everything would go.</exception>
    /// <exception cref="DamagedRepositoryException">An index file cannot be read.</exception>
    /// <exception cref="StorageException">The store, or the record of verifications, cannot be read. Nothing was pruned; a retry may help.</exception>
    internal async Task<PrunePlan> PlanAsync(IReadOnlySet<FileId> withoutSnapshots, CancellationToken cancellation)
    {
        var stock = await Stock.TakeAsync(repository, withoutSnapshots, cancellation);
        if (stock.Roots.Count == 0 && stock.Packs.Count > 0 && !options.MayRemoveEverything)
            throw new PruneRefusedException("There is no snapshot: everything would go. If that is meant, say so. Nothing was pruned.");

        var leaving = await LeavingBlobs.FindAsync(repository, stock.Index, options.RepackContaining, cancellation);
        var used = await UsedBlobs.FindAsync(repository, stock.Index, stock.Roots, Environment.ProcessorCount, cancellation);
        if (!used.IsComplete)
        {
            throw new PruneRefusedException(
                $"{used.TreeFaultCount} trees and {used.MissingDataCount} references to data are missing or unreadable: what snapshots need is not known. Run check. Nothing was pruned.",
                used.TreeFaults.Select(fault => fault.Error).FirstOrDefault());
        }

        long?[] sizes = [.. Enumerable.Range(0, stock.Index.PackCount).Select(pack => stock.Packs.TryGetValue(stock.Index.Pack(pack), out long size) ? size : (long?)null)];
        var expected = PackUsage.Of(stock.Index, new EntryMarks(stock.Index.Count));
        var verified = options.Verification is { } log ? await log.LoadAsync(cancellation) : new Dictionary<FileId, PackVerification>();
        var kept = KeptCopies.Choose(stock.Index, used.Marks, [.. sizes.Select((size, pack) => size == expected[pack].ExpectedBytes)], verified);
        var usages = PackUsage.Of(stock.Index, kept);
        if (!stock.HasBackups && !options.MayRemoveEverything && usages.Sum(usage => usage.UnusedBytes) > 0)
            throw new PruneRefusedException("There is no snapshot but those of the destruction ledger: everything else would go. If that is meant, say so. Nothing was pruned.");
        bool[] mustRewrite = MustRewrite(stock.Index, leaving, used.Marks, out long gone, out long stillUsed);
        var fates = new PackFates(options, usages, sizes, mustRewrite, repository.Config.Version).Decide();
        var forgotten = Forgotten(stock);
        var replaced = ReplacedIndexFiles(stock, fates, forgotten.Waiting);
        return new PrunePlan
        {
            Stock = stock,
            Grace = options.Grace,
            Kept = kept,
            Fates = fates,
            ReplacedIndexFiles = replaced,
            ForgottenPacks = forgotten.Due,
            Waiting = forgotten.Waiting,
            Summary = Summarise(stock, usages, fates) with
            {
                ForgottenPacksRemoved = forgotten.Due.Count,
                ForgottenBytesRemoved = forgotten.Due.Sum(pack => stock.Packs[pack]),
                ForgottenPacksWaiting = forgotten.Waiting.Count,
                IndexFilesReplaced = replaced.Count,
                MustLeaveBlobsGone = gone,
                MustLeaveBlobsWaiting = options.RepackContaining.Count == 0 ? 0 : await CountWaitingAsync(stock, forgotten.Waiting, leaving, used.Marks, cancellation),
                MustLeaveBlobsStillUsed = stillUsed,
            },
        };
    }

    /// <summary>Packs that hold a copy of what must leave and is needed no more.</summary>
    private static bool[] MustRewrite(BlobIndex index, EntryMarks leaving, EntryMarks used, out long gone, out long stillUsed)
    {
        bool[] packs = new bool[index.PackCount];
        (gone, stillUsed) = (0, 0);
        for (int number = 0; number < index.Count; number++)
        {
            if (!leaving[number])
                continue;
            if (used[number])
            {
                stillUsed++;
                continue;
            }

            gone++;
            var blob = index[number].Blob;
            foreach (int copy in index.FindAll(blob.Type, blob.Id))
                packs[index[copy].PackNumber] = true;
        }

        return packs;
    }

    /// <summary>How much of what must leave lies in packs of no index that have to wait.</summary>
    private async Task<long> CountWaitingAsync(
        Stock stock, IReadOnlyList<MarkedPack> waiting, EntryMarks leaving, EntryMarks used, CancellationToken cancellation)
    {
        long count = 0;
        foreach (var pack in waiting)
        {
            try
            {
                var blobs = await repository.LoadPackHeaderAsync(new StoredFile(pack.Id, stock.Packs[pack.Id]), cancellation);
                count += blobs.Select(blob => stock.Index.Find(blob.Type, blob.Id)).Count(number => number >= 0 && leaving[number] && !used[number]);
            }
            catch (DamagedRepositoryException)
            {
                count++;   // nobody can say what is in it
            }
        }

        return count;
    }

    /// <summary>Packs that no index names: those that have waited long enough, and the others.</summary>
    private (IReadOnlyList<FileId> Due, IReadOnlyList<MarkedPack> Waiting) Forgotten(Stock stock)
    {
        var now = UnixTime.Now(time);
        var due = new List<FileId>();
        var waiting = new List<MarkedPack>();
        foreach (var pack in stock.Packs.Keys.Where(pack => stock.Index.FindPack(pack) < 0))
        {
            var mark = stock.Marks.TryGetValue(pack, out var known) ? known : new MarkedPack(pack, now);   // 1970: a prune died while it deleted it
            if (now - mark.Since >= options.Grace)
                due.Add(pack);
            else
                waiting.Add(mark);
        }

        return (due, waiting);
    }

    /// <summary>Index files that name a pack which goes, or one that another names too; that tell outdated marks; or that are small and many.</summary>
    private static List<IndexFile> ReplacedIndexFiles(Stock stock, PackFate[] fates, IReadOnlyList<MarkedPack> waiting)
    {
        var named = new HashSet<FileId>();
        var replaced = new List<IndexFile>();
        var small = new List<IndexFile>();
        bool marksChanged = !waiting.ToHashSet().SetEquals(stock.Marks.Values);
        foreach (var file in stock.IndexFiles)
        {
            bool isOutdated = file.Packs.Any(pack => fates[stock.Index.FindPack(pack)] is not PackFate.Keep) || (file.HasMarks && marksChanged);
            bool isDoubled = false;
            foreach (var pack in file.Packs)
                isDoubled |= !named.Add(pack);
            if (isOutdated || isDoubled)
                replaced.Add(file);
            else if (file.BlobCount < IndexFileWriter.FullAtBlobs && !file.HasMarks)
                small.Add(file);
        }

        // Where files are written anyway, the small ones are joined with them.
        if (replaced.Count > 0 || small.Count >= WorthJoining)
            replaced.AddRange(small);
        return replaced;
    }

    private static PruneSummary Summarise(Stock stock, PackUsage[] usages, PackFate[] fates)
    {
        var by = usages.Zip(fates).ToLookup(pack => pack.Second, pack => pack.First);
        return new PruneSummary
        {
            Snapshots = stock.Roots.Count,
            UsedBlobs = usages.Sum(usage => (long)usage.UsedCount),
            UsedBytes = usages.Sum(usage => usage.UsedBytes),
            UnusedBytes = usages.Sum(usage => usage.UnusedBytes),
            UnusedBytesKept = by[PackFate.Keep].Sum(usage => usage.UnusedBytes),
            PacksKept = by[PackFate.Keep].Count(),
            PacksRemoved = by[PackFate.Remove].Count(),
            BytesRemoved = by[PackFate.Remove].Sum(usage => usage.ExpectedBytes),
            PacksRepacked = by[PackFate.Repack].Count(),
            BytesRepacked = by[PackFate.Repack].Sum(usage => usage.ExpectedBytes),
            BytesRewritten = by[PackFate.Repack].Sum(usage => usage.UsedBytes),
            LostPacksDropped = by[PackFate.Drop].Count(),
            ForgottenPacksRemoved = 0,
            ForgottenBytesRemoved = 0,
            ForgottenPacksWaiting = 0,
            IndexFilesReplaced = 0,
            MustLeaveBlobsGone = 0,
            MustLeaveBlobsWaiting = 0,
            MustLeaveBlobsStillUsed = 0,
        };
    }
}
