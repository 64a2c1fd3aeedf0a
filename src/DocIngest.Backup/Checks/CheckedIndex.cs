using DocIngest.Backup.Indexes;
using DocIngest.Backup.Packs;

namespace DocIngest.Backup.Checks;

/// <summary>The index of a repository, with what is known of each pack: how often it is listed, and its entries in the order they lie there.</summary>
/// <remarks>Adding may be done from several threads; everything else after <see cref="Arrange"/>.</remarks>
internal sealed class CheckedIndex
{
    private readonly Lock _gate = new();

    // Under _gate while files are added; by the number of the pack.
    private readonly List<Listing> _listings = [];

    // After Arrange: entry numbers by pack, in the order of their offsets; where those of each pack begin.
    private int[] _entries = [];
    private int[] _firsts = [];

    /// <summary>Where every blob lies.</summary>
    internal BlobIndex Blobs { get; } = new();

    /// <summary>Packs that are listed.</summary>
    internal int PackCount => _listings.Count;

    /// <summary>How often a pack is listed.</summary>
    internal int ListedTimes(int pack) => _listings[pack].Times;

    /// <summary>Whether a pack is listed with different blobs.</summary>
    internal bool IsDisputed(int pack) => _listings[pack].IsDisputed;

    /// <summary>Takes a pack from an index file.</summary>
    internal void Add(FileId pack, ReadOnlySpan<PackedBlob> blobs)
    {
        lock (_gate)
        {
            int before = Blobs.Count;
            Blobs.Add(pack, blobs);
            int number = Blobs.FindPack(pack);
            if (number == _listings.Count)
            {
                _listings.Add(new Listing(1, blobs.Length, false));
                return;
            }

            // Known entries are not added again: it is the same list where nothing came and nothing lacks.
            var known = _listings[number];
            bool isSame = Blobs.Count == before && blobs.Length == known.Blobs;
            _listings[number] = known with { Times = known.Times + 1, IsDisputed = known.IsDisputed || !isSame };
        }
    }

    /// <summary>Sorts the entries by pack and offset. To be called once, after the last <see cref="Add"/>.</summary>
    internal void Arrange()
    {
        int[] firsts = new int[PackCount + 1];
        for (int number = 0; number < Blobs.Count; number++)
            firsts[Blobs[number].PackNumber + 1]++;
        for (int pack = 0; pack < PackCount; pack++)
            firsts[pack + 1] += firsts[pack];

        int[] entries = new int[Blobs.Count];
        int[] next = firsts[..^1];
        for (int number = 0; number < entries.Length; number++)
            entries[next[Blobs[number].PackNumber]++] = number;
        for (int pack = 0; pack < PackCount; pack++)
            SortByOffset(entries.AsSpan(firsts[pack]..firsts[pack + 1]));
        (_entries, _firsts) = (entries, firsts);
    }

    /// <summary>The numbers of a pack's entries, by their offset.</summary>
    internal ReadOnlyMemory<int> Entries(int pack) => _entries.AsMemory(_firsts[pack].._firsts[pack + 1]);

    /// <summary>The blobs of a pack, by their offset, read from the index one by one: copies of the lists of all packs would take as much as the index.</summary>
    internal IEnumerable<PackedBlob> BlobsOf(int pack)
    {
        for (int at = _firsts[pack]; at < _firsts[pack + 1]; at++)
            yield return Blobs[_entries[at]].Blob;
    }

    private void SortByOffset(Span<int> entries)
    {
        for (int i = 1; i < entries.Length; i++)
        {
            if (Offset(entries[i]) < Offset(entries[i - 1]))
            {
                entries.Sort((left, right) => Offset(left).CompareTo(Offset(right)));
                return;
            }
        }

        // Index files list blobs in this order, so that hardly ever anything is to be done.
        uint Offset(int number) => Blobs[number].Blob.Offset;
    }

    /// <param name="Times">How often the pack is listed.</param>
    /// <param name="Blobs">How many blobs it was listed with first.</param>
    /// <param name="IsDisputed">Whether it was listed with others later.</param>
    private readonly record struct Listing(int Times, int Blobs, bool IsDisputed);
}
