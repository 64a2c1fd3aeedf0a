namespace DocIngest.Pipeline.Classification;

/// <summary>The texts of a document by place.</summary>
internal sealed class SearchedDocument
{
    private readonly ILookup<string, SearchedText> _metadata;
    private readonly ILookup<string, SearchedText> _barCodes;

    public SearchedDocument(DocumentFacts facts)
    {
        Facts = facts;
        Pages = [.. facts.Text.Pages.Select(page => new SearchedText(Place.Text, page.Number, page.Text))];
        FileName = new SearchedText(Place.FileName, null, facts.FileName);
        Folder = new SearchedText(Place.Folder, null, facts.Subfolder);
        _metadata = facts.Metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .ToLookup(entry => entry.Key, entry => new SearchedText(Place.Metadata, null, entry.Value), StringComparer.OrdinalIgnoreCase);
        _barCodes = facts.BarCodes.ToLookup(
            code => code.Symbology, code => new SearchedText(Place.BarCode, code.Page, code.Value), StringComparer.OrdinalIgnoreCase);
    }

    public DocumentFacts Facts { get; }

    public IReadOnlyList<SearchedText> Pages { get; }

    public SearchedText FileName { get; }

    public SearchedText Folder { get; }

    public IEnumerable<SearchedText> Metadata(string? key) => key is null ? _metadata.SelectMany(texts => texts) : _metadata[key];

    public IEnumerable<SearchedText> BarCodes(string? symbology) => symbology is null ? _barCodes.SelectMany(texts => texts) : _barCodes[symbology];
}

/// <summary>Which texts of a document to look at.</summary>
/// <param name="Place">What.</param>
/// <param name="Key">Metadata key or symbology; null for all.</param>
/// <param name="Pages">How many pages from the first; 0 for all.</param>
internal sealed record SearchScope(Place Place, string? Key, int Pages)
{
    /// <summary>The texts, in order.</summary>
    public IEnumerable<SearchedText> Of(SearchedDocument document)
    {
        var texts = Place switch
        {
            Place.Text => document.Pages,
            Place.FileName => [document.FileName],
            Place.Folder => [document.Folder],
            Place.BarCode => document.BarCodes(Key),
            Place.Metadata => document.Metadata(Key),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        return Pages == 0 ? texts : texts.Where(text => text.Page is not { } page || page <= Pages);
    }
}
