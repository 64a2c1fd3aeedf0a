namespace DocIngest.Pipeline.Classification;

/// <summary>Finds words of which some letters were misread: whole words within a number of slips (letters changed, dropped or added; a blank is a letter).</summary>
/// <remarks>
/// Myers, "A fast bit-vector algorithm for approximate string matching", JACM 46 (1999): one step a character, whatever the slips. Where
/// it finds something, the whole words there are compared once more, so that no part of another word passes for a phrase.
/// </remarks>
internal sealed class FuzzyMatcher : ITextMatcher
{
    /// <summary>Fewest letters: shorter words are near too many others.</summary>
    public const int FewestLetters = 5;

    /// <summary>Longest phrase: a bit for each character.</summary>
    public const int LongestPhrase = 64;

    private const int LettersForASlip = 6;
    private const int CheckEvery = 4096;
    private const int AsciiLetters = 128;

    private readonly Folding _folding;
    private readonly string _phrase;
    private readonly int _mostSlips;
    private readonly ulong[] _places = new ulong[AsciiLetters];                 // in which places of the phrase a character stands
    private readonly Dictionary<char, ulong> _otherPlaces = [];

    /// <exception cref="ArgumentException">Too short, too long, or as many slips as to resemble anything.</exception>
    public FuzzyMatcher(string phrase, int? mostSlips, Folding folding)
    {
        _folding = folding;
        _phrase = FoldedText.Fold(phrase, folding).Trim();
        int letters = _phrase.Count(FoldedText.IsOfWord);
        if (letters < FewestLetters || _phrase.Length > LongestPhrase)
        {
            throw new ArgumentException($"must have at least {FewestLetters} letters and at most {LongestPhrase} characters", nameof(phrase));
        }

        _mostSlips = mostSlips ?? Math.Max(1, letters / LettersForASlip);
        if (_mostSlips * 3 > letters)
        {
            throw new ArgumentException($"has {letters} letters, too few for {_mostSlips} slips: a third at most may be wrong", nameof(mostSlips));
        }

        for (int at = 0; at < _phrase.Length; at++)
        {
            if (_phrase[at] < AsciiLetters)
            {
                _places[_phrase[at]] |= 1UL << at;
            }
            else
            {
                _otherPlaces[_phrase[at]] = _otherPlaces.GetValueOrDefault(_phrase[at]) | (1UL << at);
            }
        }
    }

    /// <inheritdoc />
    public Span? Find(SearchedText text, Allowance allowance)
    {
        allowance.Check();
        string folded = text.Folded(_folding);
        ulong last = 1UL << (_phrase.Length - 1);
        ulong plus = ulong.MaxValue;
        ulong minus = 0;
        int slips = _phrase.Length;
        int compared = -1;
        for (int at = 0; at < folded.Length; at++)
        {
            if (at % CheckEvery == 0)
            {
                allowance.Check();
            }

            ulong equal = folded[at] < AsciiLetters ? _places[folded[at]] : _otherPlaces.GetValueOrDefault(folded[at]);
            ulong vertical = equal | minus;
            ulong horizontal = (((equal & plus) + plus) ^ plus) | equal;
            ulong up = minus | ~(horizontal | plus);
            ulong down = plus & horizontal;
            slips += (up & last) != 0 ? 1 : (down & last) != 0 ? -1 : 0;
            up <<= 1;                                                           // a hit may begin anywhere
            down <<= 1;
            plus = down | ~(vertical | up);
            minus = up & vertical;
            if (slips <= _mostSlips && EndOfWord(folded, at) is var end && end > compared)
            {
                compared = end;
                if (WholeWords(folded, end) is { } words)
                {
                    return SearchedText.OriginOf(words, text.Origins(_folding));
                }
            }
        }

        return null;
    }

    private static int EndOfWord(string folded, int at)
    {
        int end = at + 1;
        while (end < folded.Length && FoldedText.IsOfWord(folded[end]) && FoldedText.IsOfWord(folded[end - 1]))
        {
            end++;
        }

        return end;
    }

    // The nearest of the stretches of whole words that end here; null where none is near enough.
    private Span? WholeWords(string folded, int end)
    {
        Span? nearest = null;
        int fewest = _mostSlips + 1;
        for (int start = Math.Max(0, end - _phrase.Length - _mostSlips); start <= end - _phrase.Length + _mostSlips && start < end; start++)
        {
            bool beginsWord = FoldedText.IsOfWord(folded[start]) && (start == 0 || !FoldedText.IsOfWord(folded[start - 1]));
            if (beginsWord && Slips(folded.AsSpan(start, end - start)) is var slips && slips < fewest)
            {
                fewest = slips;
                nearest = new Span(start, end - start);
            }
        }

        return nearest;
    }

    // Letters to add, drop or change (Levenshtein), row by row.
    private int Slips(ReadOnlySpan<char> words)
    {
        Span<int> row = stackalloc int[LongestPhrase + 1];
        for (int column = 0; column <= _phrase.Length; column++)
        {
            row[column] = column;
        }

        for (int at = 0; at < words.Length; at++)
        {
            int diagonal = row[0];
            row[0] = at + 1;
            for (int column = 1; column <= _phrase.Length; column++)
            {
                int above = row[column];
                int change = diagonal + (words[at] == _phrase[column - 1] ? 0 : 1);
                row[column] = Math.Min(change, Math.Min(above, row[column - 1]) + 1);
                diagonal = above;
            }
        }

        return row[_phrase.Length];
    }
}
