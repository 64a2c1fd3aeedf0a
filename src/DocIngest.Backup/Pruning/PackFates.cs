namespace DocIngest.Backup.Pruning;

/// <summary>Decides which packs stay, which go, and which are rewritten, in restic's way (restic-format 12).</summary>
/// <param name="options">The limits.</param>
/// <param name="usages">By pack number.</param>
/// <param name="sizes">By pack number: bytes of the file; null where there is none.</param>
/// <param name="mustRewrite">By pack number: whether something in it must leave.</param>
/// <param name="version">Of the repository.</param>
internal sealed class PackFates(PruneOptions options, PackUsage[] usages, long?[] sizes, bool[] mustRewrite, int version)
{
    /// <summary>Smaller packs are joined, as soon as there are so many that it is worth it.</summary>
    private const long SmallPackBytes = 4 * 1024 * 1024 * 8L / 10;

    private const int WorthJoining = 10;

    private readonly PackFate[] _fates = new PackFate[usages.Length];
    private long _repackBytes;

    internal PackFate[] Decide()
    {
        var candidates = new List<int>();
        for (int pack = 0; pack < usages.Length; pack++)
        {
            if (sizes[pack] is not { } size)
                _fates[pack] = PackFate.Drop;
            else if (size != usages[pack].ExpectedBytes || usages[pack].UsedCount == 0)
                _fates[pack] = PackFate.Remove;   // what is needed was never chosen from a pack of the wrong size
            else if (mustRewrite[pack] || (options.RepacksAllUnused && usages[pack].UnusedBytes > 0))
                Repack(pack);
            else
                candidates.Add(pack);
        }

        RepackIrregular(candidates);
        RepackSmall(candidates);
        RepackWasteful(candidates);
        return _fates;
    }

    /// <summary>Packs of a form that this program and restic do not write.</summary>
    private void RepackIrregular(List<int> candidates)
    {
        foreach (int pack in candidates)
        {
            if (version >= 2 && (usages[pack].IsMixed || usages[pack].HasPlainTrees))
                TryRepack(pack);
        }
    }

    private void RepackSmall(List<int> candidates)
    {
        foreach (bool hasTrees in (bool[])[false, true])
        {
            int[] small = [.. candidates.Where(pack => _fates[pack] is PackFate.Keep && usages[pack].HasTrees == hasTrees && usages[pack].ExpectedBytes < SmallPackBytes)];
            foreach (int pack in small.Length >= WorthJoining ? small : [])
                TryRepack(pack);
        }
    }

    /// <summary>The most wasteful first, until little enough is wasted.</summary>
    private void RepackWasteful(List<int> candidates)
    {
        int[] wasteful = [.. candidates.Where(pack => _fates[pack] is PackFate.Keep && usages[pack].UnusedBytes > 0)
            .OrderByDescending(pack => usages[pack].HasTrees)   // small, and read by every check
            .ThenByDescending(pack => (double)usages[pack].UnusedBytes / usages[pack].UsedBytes)];
        double allowed = options.MostUnusedPercent / 100 * usages.Sum(usage => (double)usage.UsedBytes);
        double unused = wasteful.Sum(pack => (double)usages[pack].UnusedBytes);
        foreach (int pack in wasteful)
        {
            if (unused <= allowed)
                return;
            if (TryRepack(pack))
                unused -= usages[pack].UnusedBytes;
        }
    }

    private bool TryRepack(int pack)
    {
        if (_repackBytes + usages[pack].ExpectedBytes > options.MostRepackBytes)
            return false;
        Repack(pack);
        return true;
    }

    private void Repack(int pack)
    {
        _fates[pack] = PackFate.Repack;
        _repackBytes += usages[pack].ExpectedBytes;
    }
}
