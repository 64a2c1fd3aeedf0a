using DocIngest.Pipeline.Extraction;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Splitting;

/// <summary>
/// What was read of the pages of parts that have not been worked on yet, so that no page is read twice. Bounded, since a stack may have very much text
/// and its parts wait in queues without bounds: the oldest are forgotten, and read again. So what is left of parts that never come costs nothing either.
/// </summary>
/// <param name="characters">How much text is kept, as <see cref="DocumentText.MemoryCharacters"/> counts.</param>
internal sealed class PagesOfParts(long characters)
{
    // What a page takes beside its text, and a bar code beside what it says.
    private const long FactCharacters = 64;

    private readonly Lock _gate = new();
    private readonly OrderedDictionary<RecordId, KnownPages> _pages = [];   // oldest first; under _gate
    private long _kept;                                                     // under _gate

    /// <summary>Keeps what is known of a part's pages, and forgets the oldest where that is too much.</summary>
    public void Keep(RecordId part, KnownPages pages)
    {
        lock (_gate)
        {
            _pages.Add(part, pages);
            _kept += Weight(pages);
            while (_kept > characters)
            {
                Remove(_pages.GetAt(0).Key);
            }
        }
    }

    /// <summary>What is known of a part's pages; null where they are to be read.</summary>
    public KnownPages? Find(RecordId part)
    {
        lock (_gate)
        {
            return _pages.GetValueOrDefault(part);
        }
    }

    /// <summary>A part has been read. Safe to repeat.</summary>
    public void Forget(RecordId part)
    {
        lock (_gate)
        {
            Remove(part);
        }
    }

    private void Remove(RecordId part)
    {
        if (_pages.Remove(part, out var pages))
        {
            _kept -= Weight(pages);
        }
    }

    private static long Weight(KnownPages pages) =>
        pages.Text.MemoryCharacters + pages.Facts.Sum(static page => FactCharacters + (page.BarCodes?.Sum(static code => FactCharacters + code.Value.Length) ?? 0));
}
