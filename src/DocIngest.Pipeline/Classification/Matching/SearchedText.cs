namespace DocIngest.Pipeline.Classification;

/// <summary>A stretch of a text.</summary>
internal readonly record struct Span(int Start, int Length)
{
    public int End => Start + Length;
}

/// <summary>One text that rules look through: a page, a name, a bar code. Folded forms are made when first asked for.</summary>
/// <param name="Place">What it is.</param>
/// <param name="Page">The page; null where it is of no page.</param>
/// <param name="Original">As it stands there.</param>
internal sealed record SearchedText(Place Place, int? Page, string Original)
{
    // Words shown to a person: enough to recognise the place by.
    private const int MostWordsShown = 200;

    private readonly string?[] _folded = new string?[4];

    /// <summary>The text folded.</summary>
    public string Folded(Folding folding)
    {
        ref string? folded = ref _folded[(folding.MatchCase ? 1 : 0) + (folding.MatchDiacritics ? 2 : 0)];
        return folded ??= FoldedText.Fold(Original, folding);
    }

    /// <summary>Where in <see cref="Original"/> each character of a folded form comes from.</summary>
    /// <remarks>Folds once more: only hits need it, and a table kept for each text would cost more than the text.</remarks>
    public List<int> Origins(Folding folding)
    {
        var origins = new List<int>(Original.Length);
        FoldedText.Fold(Original, folding, origins);
        return origins;
    }

    /// <summary>Where a stretch of a folded form stands in the original. The stretch is not empty.</summary>
    public static Span OriginOf(Span folded, List<int> origins)
    {
        int start = origins[folded.Start];
        return new Span(start, origins[folded.End - 1] + 1 - start);
    }

    /// <summary>A stretch as words on one line.</summary>
    public string Words(Span span)
    {
        string line = string.Join(' ', Original.Substring(span.Start, span.Length).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= MostWordsShown ? line : line[..MostWordsShown] + "…";
    }
}
