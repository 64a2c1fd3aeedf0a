using DocIngest.Backup.Indexes;

namespace DocIngest.Backup.Restores;

/// <summary>Decides what is read of which packs for some files (restic-format 14).</summary>
internal static class PackReadPlan
{
    /// <summary>Bytes that nobody needs are read along where leaving them out would cost another request.</summary>
    internal const int WidestGap = 1024 * 1024;

    /// <summary>Who reads less at once is served from the processor's cache; who reads more pays for fewer requests.</summary>
    private const int LongestRead = 8 * 1024 * 1024;

    /// <summary>So that small files are spread over the threads.</summary>
    private const int MostUses = 256;

    /// <summary>The reads in order of first use of their packs.</summary>
    /// <param name="files">Every blob of theirs is in the index.</param>
    /// <param name="index">Where blobs lie.</param>
    internal static IEnumerable<PackRead> Of(IEnumerable<RestoreFile> files, BlobIndex index)
    {
        var uses = Uses(files, index);
        for (int from = 0; from < uses.Length;)
        {
            int to = from + 1;
            var first = index[uses[from].Entry];
            long end = first.Blob.End;
            for (; to < uses.Length && uses[to].PackRank == uses[from].PackRank; to++)
            {
                var blob = index[uses[to].Entry].Blob;
                bool isSame = uses[to].Entry == uses[to - 1].Entry;   // decoded once, however many need it
                bool isNear = blob.Offset - end <= WidestGap && blob.End - first.Blob.Offset <= LongestRead;
                if (!isSame && (!isNear || to - from >= MostUses))
                    break;
                end = Math.Max(end, blob.End);
            }

            yield return new PackRead(first.Pack, first.Blob.Offset, end - first.Blob.Offset, new ArraySegment<BlobUse>(uses, from, to - from));
            from = to;
        }
    }

    private static BlobUse[] Uses(IEnumerable<RestoreFile> files, BlobIndex index)
    {
        var ranks = new Dictionary<int, int>();
        var uses = new List<BlobUse>();
        foreach (var file in files)
        {
            file.Expect(file.Content.Count);
            long offset = 0;
            foreach (var id in file.Content)
            {
                int number = index.Find(BlobType.Data, id);
                var entry = index[number];
                if (!ranks.TryGetValue(entry.PackNumber, out int rank))
                    ranks.Add(entry.PackNumber, rank = ranks.Count);
                uses.Add(new BlobUse(file, offset, number, rank, entry.Blob.Offset));
                offset += entry.Blob.PlaintextLength;
            }
        }

        BlobUse[] sorted = [.. uses];
        Array.Sort(sorted, static (left, right) => (left.PackRank, left.PackOffset, left.Entry).CompareTo((right.PackRank, right.PackOffset, right.Entry)));
        return sorted;
    }
}
