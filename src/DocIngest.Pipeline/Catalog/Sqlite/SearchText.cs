using System.Text;

namespace DocIngest.Pipeline.Catalog;

/// <summary>
/// The text of a query, read as words and quoted phrases. Whatever it holds, <see cref="ToMatch"/> is valid FTS5: every term is
/// a quoted string, so AND, NEAR, <c>-</c>, <c>:</c> or <c>^</c> are words and punctuation like any other.
/// </summary>
internal sealed class SearchText
{
    /// <summary>Most words and phrases of one query.</summary>
    public const int MaxTerms = 64;

    /// <summary>Most characters of one query.</summary>
    public const int MaxLength = 4_000;

    private SearchText(IReadOnlyList<SearchTerm> terms) => Terms = terms;

    /// <summary>What must occur, each once.</summary>
    public IReadOnlyList<SearchTerm> Terms { get; }

    /// <summary>Reads what a person typed.</summary>
    /// <exception cref="QueryTextException">Too long, or with nothing in it that can be searched for.</exception>
    public static SearchText Parse(string text)
    {
        if (text.Length > MaxLength)
        {
            throw new QueryTextException($"The query is longer than {MaxLength} characters.");
        }

        SearchTerm[] terms = [.. Split(text).Select(SearchTerm.Read).OfType<SearchTerm>().DistinctBy(term => term.ToMatch())];
        if (terms.Length == 0 && !string.IsNullOrWhiteSpace(text))
        {
            throw new QueryTextException("The query holds no letter or digit, so there is nothing to search for.");
        }

        if (terms.Length > MaxTerms)
        {
            throw new QueryTextException($"The query holds more than {MaxTerms} words and phrases.");
        }

        return new SearchText(terms);
    }

    /// <summary>The terms as an FTS5 expression; a space between strings means AND, and one that folds to nothing is left out.</summary>
    public string ToMatch() => string.Join(' ', Terms.Select(term => term.ToMatch()));

    // A quotation mark opens or closes a phrase wherever it stands; one left open ends with the text. A star outside
    // belongs to what it touches, so "heart fail"* is one piece.
    private static IEnumerable<string> Split(string text)
    {
        var piece = new StringBuilder();
        bool quoted = false;
        for (int at = 0; at < text.Length; at++)
        {
            char letter = text[at];
            bool ends = letter == '"' ? !(quoted && at + 1 < text.Length && text[at + 1] == '*') : !quoted && char.IsWhiteSpace(letter);
            quoted ^= letter == '"';
            if (!ends)
            {
                piece.Append(letter == '"' ? ' ' : letter);
                continue;
            }

            yield return piece.ToString();
            piece.Clear();
        }

        yield return piece.ToString();
    }
}

/// <summary>A word or phrase that must occur.</summary>
/// <param name="Words">Its words in order, folded; never empty.</param>
/// <param name="Prefix">Whether the last word need only begin so.</param>
internal sealed record SearchTerm(IReadOnlyList<string> Words, bool Prefix)
{
    private string _text = "";

    /// <summary>Reads one piece; null where it holds nothing to search for.</summary>
    public static SearchTerm? Read(string piece)
    {
        string trimmed = piece.TrimEnd();
        bool prefix = trimmed.EndsWith('*');
        string text = SearchTags.Clean(trimmed.TrimEnd('*', ' ')).Replace('"', ' ').Replace('\0', ' ');
        var words = new List<string>();
        for (int from = 0; SearchLetters.NextWord(text, from, out int start, out int length); from = start + length)
        {
            words.Add(SearchLetters.Fold(text.AsSpan(start, length)));
        }

        return words.Count == 0 ? null : new SearchTerm(words, prefix) { _text = text };
    }

    /// <summary>The term as an FTS5 string. The index's own tokenizer splits and folds it.</summary>
    public string ToMatch() => Prefix ? $"\"{_text}\"*" : $"\"{_text}\"";
}
