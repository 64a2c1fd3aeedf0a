using System.Runtime.ExceptionServices;
using DocIngest.Backup.Indexes;
using DocIngest.Backup.Packs;
using DocIngest.Backup.Repositories;
using DocIngest.Storage;

namespace DocIngest.Backup.Checks;

/// <summary>Reads chosen packs on all cores. What fails is read a second time before it is called damaged.</summary>
internal sealed class PackContentCheck(
    Repository repository, CheckedIndex index, PackListCheck files, FindingList findings, CheckProgress progress, VerificationRecorder recorder)
{
    /// <summary>Two for each core, so that one reads while another computes; packs in memory are as many.</summary>
    private const int MostWorkers = 8;

    /// <summary>So many failures of the store, one after the other, are no longer those of single files.</summary>
    private const int MostStorageFailures = 16;

    // A bit at each entry whose blob is not all it should be.
    private readonly EntryMarks _damaged = new(index.Blobs.Count);
    private readonly FileState[] _states = new FileState[index.PackCount];
    private int _storageFailures;   // since the last success
    private long _bytes;

    private enum FileState : byte
    {
        Skipped,
        Sound,
        Damaged,
    }

    /// <summary>A bit at each entry whose blob nobody can read from its pack.</summary>
    internal EntryMarks Lost { get; } = new(index.Blobs.Count);

    /// <summary>Bytes of the packs that were read.</summary>
    internal long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Packs of the index. Those that are missing, or of the wrong size, are damaged without being read.</summary>
    internal Tally Packs => new(
        _states.LongCount(state => state is FileState.Sound),
        Enumerable.Range(0, _states.Length).LongCount(pack => _states[pack] is FileState.Damaged || IsDamagedUnread(pack)),
        Enumerable.Range(0, _states.Length).LongCount(pack => _states[pack] is FileState.Skipped && !IsDamagedUnread(pack)));

    /// <summary>Blobs of the index.</summary>
    internal Tally Blobs()
    {
        long sound = 0, damaged = 0, skipped = 0;
        for (int number = 0; number < index.Blobs.Count; number++)
        {
            if (_damaged[number])
                damaged++;
            else if (_states[index.Blobs[number].PackNumber] is FileState.Skipped)
                skipped++;
            else
                sound++;
        }

        return new Tally(sound, damaged, skipped);
    }

    /// <summary>Reads packs. Blobs of packs that are not there are lost without that.</summary>
    /// <param name="packs">Their numbers, of files that are there.</param>
    /// <param name="cancellation">Gives up; what was read until then is recorded.</param>
    /// <exception cref="StorageException">The store does not answer any more, for any pack.</exception>
    internal async Task RunAsync(IReadOnlyList<int> packs, CancellationToken cancellation)
    {
        foreach (int missing in Enumerable.Range(0, index.PackCount).Where(pack => files.File(pack) is null))
            MarkAll(missing);
        int workers = Math.Clamp(2 * Environment.ProcessorCount, 2, MostWorkers);
        using var large = new SemaphoreSlim(1);
        int next = -1;
        try
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellation };
            await Parallel.ForEachAsync(Enumerable.Range(0, workers), parallel, async (_, stop) =>
            {
                using var verifier = new PackVerifier(repository, index, large);
                for (int at; (at = Interlocked.Increment(ref next)) < packs.Count;)
                    await CheckAsync(verifier, packs[at], stop);
            });
        }
        finally
        {
            await recorder.FlushAsync();
        }
    }

    private bool IsDamagedUnread(int pack) => _states[pack] is FileState.Skipped && (files.File(pack) is null || files.IsWrong(pack));

    private async Task CheckAsync(PackVerifier verifier, int pack, CancellationToken cancellation)
    {
        var file = files.File(pack) ?? throw new ArgumentException("The pack is not there.", nameof(pack));
        var first = await verifier.ReadAsync(pack, file, cancellation);
        var outcome = first.IsSound ? first : await verifier.ReadAsync(pack, file, cancellation);
        DemandStore(outcome);
        bool isSound = outcome.IsSound;
        _states[pack] = isSound ? FileState.Sound : FileState.Damaged;
        if (!isSound)
            Tell(pack, outcome, Compared(first, outcome));
        else if (!first.IsSound)
            Add(pack, FindingRules.ReadingsDiffer, first.Faults[0].Message, null);
        Interlocked.Add(ref _bytes, file.SizeBytes);
        await recorder.AddAsync(file.Id, isSound, cancellation);
        progress.Done(file.SizeBytes);
    }

    /// <summary>Gives up where the store fails for one pack after the other.</summary>
    private void DemandStore(PackOutcome outcome)
    {
        if (outcome.Failure is not StorageException error)
            Interlocked.Exchange(ref _storageFailures, 0);
        else if (Interlocked.Increment(ref _storageFailures) >= MostStorageFailures)
            ExceptionDispatchInfo.Throw(error);
    }

    private void Tell(int pack, PackOutcome outcome, string compared)
    {
        if (outcome.Failure is not null)
            MarkAll(pack);   // how far it came says nothing: nobody can read it
        foreach (var fault in outcome.Faults)
        {
            if (fault.Entry is { } entry)
                Mark(entry, fault.Rule);
            if (!IsTold(pack, fault))
                Add(pack, fault.Rule, $"{fault.Message} {compared}", fault.Entry);
        }
    }

    /// <summary>Whether the listing has told the cause of this fault already.</summary>
    private bool IsTold(int pack, PackFault fault)
    {
        bool isAboutIndex = fault.Rule == FindingRules.HeaderDisagrees || fault.Rule == FindingRules.IndexIncomplete || fault.Rule == FindingRules.NotContiguous;
        bool isAboutSize = fault.Rule == FindingRules.PackNotAsNamed || fault.Rule == FindingRules.HeaderUnreadable || fault.Rule == FindingRules.PackSize;
        return (isAboutIndex && (files.IsWrong(pack) || index.IsDisputed(pack) || PackOrder.FindBreak(index.BlobsOf(pack)) is not null))
            || (isAboutSize && files.IsWrong(pack) && !index.IsDisputed(pack));
    }

    private static string Compared(PackOutcome first, PackOutcome second)
    {
        if (first.Digest is null || second.Digest is null)
            return "It was read twice.";
        return first.Digest == second.Digest
            ? "It was read twice, with the same bytes."
            : "It was read twice, and the second reading gave other bytes.";
    }

    private void MarkAll(int pack)
    {
        foreach (int entry in index.Entries(pack).Span)
            Mark(entry, FindingRules.PackMissing);
    }

    private void Mark(int entry, FindingRule rule)
    {
        _damaged.TrySet(entry);

        // A blob of another length can be read; one that overlaps another was not tried.
        if (rule != FindingRules.BlobLength && rule != FindingRules.NotContiguous)
            Lost.TrySet(entry);
    }

    private void Add(int pack, FindingRule rule, string message, int? entry)
    {
        var id = index.Blobs.Pack(pack);
        PackedBlob? blob = entry is { } number ? index.Blobs[number].Blob : null;
        string about = blob is { } named ? $"Pack {id}, {named.Type} blob {named.Id}" : $"Pack {id}";
        findings.Add(new CheckFinding(rule, $"{about}: {message}") { Kind = FileKind.Pack, File = id, Blob = blob?.Id, BlobType = blob?.Type });
    }
}
