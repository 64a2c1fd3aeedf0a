using DocIngest.Backup.Packs;
using DocIngest.Backup.Repositories;
using DocIngest.Storage;

namespace DocIngest.Backup.Checks;

/// <summary>Loads all index files that can be read, and holds what they say against itself.</summary>
internal sealed class IndexCheck(Repository repository, FindingList findings)
{
    private readonly FileFaults _faults = new(repository, findings);
    private long _sound;
    private long _damaged;

    /// <summary>The index of all files that can be read.</summary>
    internal CheckedIndex Index { get; } = new();

    internal Tally Files => new(_sound, _damaged);

    /// <summary>Loads, then looks at each pack and at each blob.</summary>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        var files = await repository.Store.ListAsync(FileKind.Index, cancellation).ToListAsync(cancellation);
        var parallel = new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount };
        await Parallel.ForEachAsync(files, parallel, async (file, stop) => await LoadAsync(file.Id, stop));
        Index.Arrange();
        for (int pack = 0; pack < Index.PackCount; pack++)
        {
            cancellation.ThrowIfCancellationRequested();
            CheckPack(pack);
        }

        CheckCopies(cancellation);
    }

    private async Task LoadAsync(FileId id, CancellationToken cancellation)
    {
        try
        {
            await repository.LoadIndexFileAsync(id, Index.Add, cancellation);
            Interlocked.Increment(ref _sound);
        }
        catch (Exception error) when (error is BackupException or StorageException)
        {
            // Packs before the fault are taken: they can only help to find what is there.
            if (await _faults.TellAsync(FileKind.Index, id, FindingRules.IndexUnreadable, error, cancellation))
                Interlocked.Increment(ref _damaged);
        }
    }

    private void CheckPack(int pack)
    {
        var id = Index.Blobs.Pack(pack);
        var blobs = Index.BlobsOf(pack);
        if (Index.IsDisputed(pack))
            Add(FindingRules.IndexesDisagree, id, $"It is listed {Index.ListedTimes(pack)} times.");
        else if (Index.ListedTimes(pack) > 1)
            Add(FindingRules.ListedTwice, id, $"It is listed {Index.ListedTimes(pack)} times.");
        if (!Index.IsDisputed(pack) && PackOrder.FindBreak(blobs) is { } at)
            Add(FindingRules.NotContiguous, id, $"The blob at {at.Offset} follows one that ends elsewhere.", at);
        if (blobs.Any(blob => blob.Type is BlobType.Tree) && blobs.Any(blob => blob.Type is not BlobType.Tree))
            Add(FindingRules.MixedPack, id, $"It has {Index.Entries(pack).Length} blobs.");
        if (repository.Config.Version == 1 && blobs.Count(blob => blob.IsCompressed) is > 0 and var compressed)
            Add(FindingRules.CompressedInVersion1, id, $"{compressed} of its blobs are compressed.");
    }

    /// <summary>Holds the entries of each blob against the first of them.</summary>
    private void CheckCopies(CancellationToken cancellation)
    {
        for (int number = 0; number < Index.Blobs.Count; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            var entry = Index.Blobs[number];
            int first = Index.Blobs.Find(entry.Blob.Type, entry.Blob.Id);
            if (first == number)
                continue;
            long expected = Index.Blobs[first].Blob.PlaintextLength;
            if (expected != entry.Blob.PlaintextLength)
                Add(FindingRules.LengthsDisagree, entry.Pack, $"{entry.Blob.PlaintextLength} bytes here, {expected} in the pack {Index.Blobs[first].Pack}.", entry.Blob);
        }
    }

    private void Add(FindingRule rule, FileId pack, string message, PackedBlob? blob = null) => findings.Add(
        new CheckFinding(rule, $"Pack {pack}: {message}") { Kind = FileKind.Pack, File = pack, Blob = blob?.Id, BlobType = blob?.Type });
}

/// <summary>Whether the blobs of a pack lie end to end.</summary>
internal static class PackOrder
{
    /// <summary>The first blob that does not begin where the one before it ends; null where all do.</summary>
    /// <param name="blobs">By offset.</param>
    internal static PackedBlob? FindBreak(IEnumerable<PackedBlob> blobs)
    {
        long end = 0;
        foreach (var blob in blobs)
        {
            if (blob.Offset != end)
                return blob;
            end = blob.End;
        }

        return null;
    }
}
