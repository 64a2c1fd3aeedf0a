using DocIngest.Backup.Packs;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Storage;

namespace DocIngest.Backup.Checks;

/// <summary>Holds the listing of packs against the index: which are missing, of the wrong size, or known to nobody.</summary>
internal sealed class PackListCheck(Repository repository, CheckedIndex index, FindingList findings)
{
    private const long Absent = -1;

    private readonly long[] _sizes = Enumerable.Repeat(Absent, index.PackCount).ToArray();
    private readonly bool[] _isWrong = new bool[index.PackCount];

    /// <summary>Packs that no index lists.</summary>
    internal long Orphans { get; private set; }

    internal Tally Files => new(index.PackCount - Damaged, Damaged);

    private long Damaged => _sizes.Where((size, pack) => size == Absent || _isWrong[pack]).Count();

    /// <summary>The file of a pack; null where it is missing.</summary>
    internal StoredFile? File(int pack) => _sizes[pack] == Absent ? null : new StoredFile(index.Blobs.Pack(pack), _sizes[pack]);

    /// <summary>Whether the size of a pack is not that of its blobs.</summary>
    internal bool IsWrong(int pack) => _isWrong[pack];

    /// <summary>Lists, and looks into those packs whose size is wrong.</summary>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        await foreach (var file in repository.Store.ListAsync(FileKind.Pack, cancellation))
        {
            int pack = index.Blobs.FindPack(file.Id);
            if (pack < 0)
                AddOrphan(file);
            else
                _sizes[pack] = file.SizeBytes;
        }

        for (int pack = 0; pack < _sizes.Length; pack++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_sizes[pack] != Absent)
                await CheckSizeAsync(pack, cancellation);
        }
    }

    /// <summary>Tells the missing packs. Only after the trees were walked it is known who needs them.</summary>
    /// <param name="isNeeded">Whether a snapshot needs a pack.</param>
    internal void TellMissing(Func<int, bool> isNeeded)
    {
        for (int pack = 0; pack < _sizes.Length; pack++)
        {
            if (_sizes[pack] == Absent)
                Add(isNeeded(pack) ? FindingRules.PackMissing : FindingRules.UnusedPackMissing, pack, $"It should hold {index.Entries(pack).Length} blobs.");
        }
    }

    private void AddOrphan(StoredFile file)
    {
        Orphans++;
        findings.Add(new CheckFinding(FindingRules.OrphanPack, $"Pack {file.Id}: {file.SizeBytes} bytes.") { Kind = FileKind.Pack, File = file.Id });
    }

    private async Task CheckSizeAsync(int pack, CancellationToken cancellation)
    {
        long expected = PackHeader.FixedBytes + index.BlobsOf(pack).Sum(PackHeader.BytesOf);
        if (_sizes[pack] == expected)
            return;
        _isWrong[pack] = true;
        if (index.IsDisputed(pack))
            return;   // told already, and which list is right does not show in the size
        if (await TryReadHeaderAsync(pack, cancellation) is { } header && PackHeader.PackBytes(header) == _sizes[pack])
            Compare(pack, header, index.BlobsOf(pack).ToArray());
        else
            Add(FindingRules.PackSize, pack, $"It has {_sizes[pack]} bytes; its blobs demand {expected}.");
    }

    /// <summary>The pack is what its own header says, so it is the index that is wrong.</summary>
    private void Compare(int pack, PackedBlob[] header, PackedBlob[] blobs)
    {
        int lacking = header.Except(blobs).Count();
        if (blobs.Except(header).Any())
            Add(FindingRules.HeaderDisagrees, pack, $"The header lists {header.Length} blobs, the index {blobs.Length}; {lacking} of the header's are not in the index.");
        else
            Add(FindingRules.IndexIncomplete, pack, $"{lacking} of its {header.Length} blobs are not in the index.");
    }

    private async Task<PackedBlob[]?> TryReadHeaderAsync(int pack, CancellationToken cancellation)
    {
        try
        {
            return await repository.LoadPackHeaderAsync(new StoredFile(index.Blobs.Pack(pack), _sizes[pack]), cancellation);
        }
        catch (DamagedRepositoryException)
        {
            return null;   // the size is told, and with it that the pack is damaged
        }
        catch (StorageException)
        {
            return null;   // likewise
        }
    }

    private void Add(FindingRule rule, int pack, string message)
    {
        var id = index.Blobs.Pack(pack);
        findings.Add(new CheckFinding(rule, $"Pack {id}: {message}") { Kind = FileKind.Pack, File = id });
    }
}
