namespace DocIngest.Pipeline.Classification;

/// <summary>Finds words in succession, whatever white space divides them. <c>*</c> at an end stands for more letters of the word there.</summary>
internal sealed class PhraseMatcher : ITextMatcher
{
    private const char More = '*';

    private readonly Folding _folding;
    private readonly string _phrase;
    private readonly bool _beginsWithin;
    private readonly bool _endsWithin;

    /// <exception cref="ArgumentException">The phrase has no letter or digit.</exception>
    public PhraseMatcher(string phrase, Folding folding)
    {
        _folding = folding;
        string folded = FoldedText.Fold(phrase, folding).Trim();
        _beginsWithin = folded.StartsWith(More);
        _endsWithin = folded.EndsWith(More);
        _phrase = folded.Trim(More);
        if (!_phrase.Any(FoldedText.IsOfWord))
        {
            throw new ArgumentException("has no letter or digit to look for", nameof(phrase));
        }
    }

    /// <inheritdoc />
    public Span? Find(SearchedText text, Allowance allowance) => FindAll(text, allowance).Select(span => (Span?)span).FirstOrDefault();

    /// <summary>All hits, as they stand in the original, in order.</summary>
    /// <exception cref="OutOfTimeException">It took too long.</exception>
    public IEnumerable<Span> FindAll(SearchedText text, Allowance allowance)
    {
        allowance.Check();
        string folded = text.Folded(_folding);
        List<int>? origins = null;
        for (int at = 0; (at = folded.IndexOf(_phrase, at, StringComparison.Ordinal)) >= 0; at++)
        {
            if ((_beginsWithin || StandsAlone(folded, at - 1, at)) && (_endsWithin || StandsAlone(folded, at + _phrase.Length - 1, at + _phrase.Length)))
            {
                origins ??= text.Origins(_folding);
                yield return SearchedText.OriginOf(WholeWords(folded, at), origins);
            }

            allowance.Check();
        }
    }

    private Span WholeWords(string folded, int at)
    {
        int start = at;
        int end = at + _phrase.Length;
        while (_beginsWithin && start > 0 && FoldedText.IsOfWord(folded[start - 1]))
        {
            start--;
        }

        while (_endsWithin && end < folded.Length && FoldedText.IsOfWord(folded[end]))
        {
            end++;
        }

        return new Span(start, end - start);
    }

    // No word goes on over the border between two neighbours.
    private static bool StandsAlone(string text, int before, int after) =>
        before < 0 || after >= text.Length || !FoldedText.IsOfWord(text[before]) || !FoldedText.IsOfWord(text[after]);
}
