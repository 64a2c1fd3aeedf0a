using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Extraction;

/// <summary>
/// What was read of pages of scans that are to be worked on, or once more: parts of a divided scan, and stacks whose other side has come. So no page is read
/// twice. Bounded, since they wait in queues without bounds: the oldest are forgotten, and read again. So what is left of those that never come costs nothing either.
/// </summary>
/// <param name="characters">How much text is kept, as <see cref="DocumentText.MemoryCharacters"/> counts.</param>
internal sealed class PagesReadBefore(long characters)
{
    // What a page takes beside its text, and a bar code beside what it says.
    private const long FactCharacters = 64;

    private readonly Lock _gate = new();
    private readonly OrderedDictionary<RecordId, KnownPages> _pages = [];   // oldest first; under _gate
    private long _kept;                                                     // under _gate

    /// <summary>Keeps what is known of a scan's pages, and forgets the oldest where that is too much.</summary>
    /// <param name="scan">Its claim.</param>
    /// <param name="known">Null where its pages are to be read.</param>
    public void Keep(RecordId scan, KnownPages? known)
    {
        if (known is not { } pages)
        {
            return;
        }

        lock (_gate)
        {
            Remove(scan);
            _pages.Add(scan, pages);
            _kept += Weight(pages);
            while (_kept > characters)
            {
                Remove(_pages.GetAt(0).Key);
            }
        }
    }

    /// <summary>What is known of a scan's pages; null where they are to be read.</summary>
    public KnownPages? Find(RecordId scan)
    {
        lock (_gate)
        {
            return _pages.GetValueOrDefault(scan);
        }
    }

    /// <summary>It has been read. Safe to repeat.</summary>
    public void Forget(RecordId scan)
    {
        lock (_gate)
        {
            Remove(scan);
        }
    }

    private void Remove(RecordId scan)
    {
        if (_pages.Remove(scan, out var pages))
        {
            _kept -= Weight(pages);
        }
    }

    private static long Weight(KnownPages pages) =>
        pages.Text.MemoryCharacters + pages.Facts.Sum(static page => FactCharacters + (page.BarCodes?.Sum(static code => FactCharacters + code.Value.Length) ?? 0));
}
