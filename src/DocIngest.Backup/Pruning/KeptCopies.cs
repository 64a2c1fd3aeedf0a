using DocIngest.Backup.Checks;
using DocIngest.Backup.Indexes;

namespace DocIngest.Backup.Pruning;

/// <summary>Which copy of each needed blob stays, where it lies in several packs.</summary>
internal static class KeptCopies
{
    /// <summary>What the last reading of a pack says of its copies, the worst first.</summary>
    private enum Trust
    {
        Damaged,
        Unread,
        Whole,
    }

    /// <summary>
    /// Chooses among the copies in sound packs: one in a pack that was whole when it was last read, before one in a pack nobody has read,
    /// before one in a pack that was damaged. Of equal ones, that in the pack of which most is needed anyway; then that which was read last.
    /// </summary>
    /// <param name="index">All packs.</param>
    /// <param name="used">A bit at the first entry of each needed blob.</param>
    /// <param name="isSound">By pack number: whether the pack is there, and of the right size.</param>
    /// <param name="verified">The last verification of each pack that was ever read.</param>
    /// <returns>A bit at the one entry of each needed blob that stays.</returns>
    /// <exception cref="PruneRefusedException">A needed blob lies in no sound pack.</exception>
    internal static EntryMarks Choose(BlobIndex index, EntryMarks used, bool[] isSound, IReadOnlyDictionary<FileId, PackVerification> verified)
    {
        var hasCopies = FindCopies(index);
        var kept = new EntryMarks(index.Count);
        long[] usedBytes = new long[index.PackCount];
        var lost = new LostBlobs();

        foreach (var (number, entry) in Needed(index, used, number => !hasCopies[number]))
        {
            if (!isSound[entry.PackNumber])
                lost.Add(entry);
            kept.TrySet(number);
            usedBytes[entry.PackNumber] += entry.Blob.Length;
        }

        // After those without a choice, so that a choice never keeps a pack that could have gone.
        foreach (var (_, entry) in Needed(index, used, number => hasCopies[number]))
        {
            int best = index.FindAll(entry.Blob.Type, entry.Blob.Id)
                .Where(number => isSound[index[number].PackNumber])
                .OrderByDescending(number => TrustIn(index[number].Pack))
                .ThenByDescending(number => usedBytes[index[number].PackNumber])
                .ThenByDescending(number => verified.GetValueOrDefault(index[number].Pack).Time)
                .FirstOrDefault(-1);
            if (best < 0)
            {
                lost.Add(entry);
                continue;
            }

            kept.TrySet(best);
            usedBytes[index[best].PackNumber] += entry.Blob.Length;
        }

        lost.ThrowIfAny();
        return kept;

        Trust TrustIn(FileId pack) => verified.TryGetValue(pack, out var last) ? last.IsSound ? Trust.Whole : Trust.Damaged : Trust.Unread;
    }

    private static EntryMarks FindCopies(BlobIndex index)
    {
        var hasCopies = new EntryMarks(index.Count);
        for (int number = 0; number < index.Count; number++)
        {
            var blob = index[number].Blob;
            int first = index.Find(blob.Type, blob.Id);
            if (first != number)
                hasCopies.TrySet(first);
        }

        return hasCopies;
    }

    private static IEnumerable<(int Number, IndexEntry Entry)> Needed(BlobIndex index, EntryMarks used, Func<int, bool> isWanted)
    {
        for (int number = 0; number < index.Count; number++)
        {
            if (used[number] && isWanted(number))
                yield return (number, index[number]);
        }
    }

    /// <summary>Needed blobs that are nowhere.</summary>
    private sealed class LostBlobs
    {
        private long _count;
        private IndexEntry _first;

        internal void Add(IndexEntry entry)
        {
            if (_count++ == 0)
                _first = entry;
        }

        internal void ThrowIfAny()
        {
            if (_count > 0)
            {
                throw new PruneRefusedException(
                    $"{_count} blobs that snapshots need lie in packs that are gone or of another size than the index says, the first in {_first.Pack}. Run check. Nothing was pruned.");
            }
        }
    }
}
