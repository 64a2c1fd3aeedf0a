using DocIngest.Backup.Indexes;
using DocIngest.Backup.Packs;

namespace DocIngest.Backup.Pruning;

/// <summary>What of one pack is needed.</summary>
internal struct PackUsage
{
    /// <summary>The size a pack of these blobs has.</summary>
    internal long ExpectedBytes { get; private set; }

    internal long UsedBytes { get; private set; }

    internal long UnusedBytes { get; private set; }

    internal int UsedCount { get; private set; }

    internal bool HasData { get; private set; }

    internal bool HasTrees { get; private set; }

    /// <summary>Trees that restic would compress.</summary>
    internal bool HasPlainTrees { get; private set; }

    internal readonly bool IsMixed => HasData && HasTrees;

    /// <summary>How much of each pack is needed.</summary>
    /// <param name="index">All packs.</param>
    /// <param name="kept">A bit at the one entry of each needed blob that is to stay.</param>
    internal static PackUsage[] Of(BlobIndex index, EntryMarks kept)
    {
        var usages = new PackUsage[index.PackCount];
        Array.Fill(usages, new PackUsage { ExpectedBytes = PackHeader.FixedBytes });
        for (int number = 0; number < index.Count; number++)
        {
            var entry = index[number];
            usages[entry.PackNumber].Add(entry.Blob, kept[number]);
        }

        return usages;
    }

    private void Add(PackedBlob blob, bool isUsed)
    {
        int entryBytes = PackHeader.EntryBytes(blob.IsCompressed);
        ExpectedBytes += blob.Length + entryBytes;
        if (isUsed)
        {
            UsedBytes += blob.Length + entryBytes;
            UsedCount++;
        }
        else
        {
            UnusedBytes += blob.Length + entryBytes;
        }

        HasData |= blob.Type is BlobType.Data;
        HasTrees |= blob.Type is BlobType.Tree;
        HasPlainTrees |= blob.Type is BlobType.Tree && !blob.IsCompressed;
    }
}
