namespace DocIngest.Pipeline.Extraction.Ocr;

/// <summary>The words of a page's own text or of OCR's, to see what one has and the other lacks. Case and punctuation do not count.</summary>
internal sealed class LayerWords(string text)
{
    /// <summary>Fewer letters are a page number.</summary>
    public const int FewLetters = 5;

    // OCR of a stamp's own words may differ in a few; more than these are other words.
    private const double SameShare = 0.2;
    private const double LackingShare = 0.34;

    private readonly List<string> _words = [.. Of(text)];

    /// <summary>Whether words are in it that the other has not, beyond a few that were read wrong.</summary>
    public bool HasMoreThan(LayerWords other)
    {
        var known = other._words.ToHashSet(StringComparer.Ordinal);
        int more = _words.Where(word => !known.Contains(word)).Sum(word => word.Length);
        return more > Math.Max(FewLetters, SameShare * other._words.Sum(word => word.Length));
    }

    /// <summary>Its lines of which more than a third of the words is not in the other; empty where there is none.</summary>
    public string LinesLackingIn(LayerWords other)
    {
        var known = other._words.ToHashSet(StringComparer.Ordinal);
        return string.Join('\n', text.Split('\n').Where(line => Of(line).ToList() is { Count: > 0 } words
            && words.Count(word => !known.Contains(word)) > LackingShare * words.Count));
    }

    private static IEnumerable<string> Of(string text)
    {
        int start = -1;
        for (int at = 0; at <= text.Length; at++)
        {
            bool isPart = at < text.Length && char.IsLetterOrDigit(text[at]);
            if (isPart && start < 0)
            {
                start = at;
            }
            else if (!isPart && start >= 0)
            {
                yield return text[start..at].ToLowerInvariant();
                start = -1;
            }
        }
    }
}
