using System.Text.RegularExpressions;

namespace DocIngest.Benchmarks.Ocr;

/// <summary>Words of a page, regardless of case and order: how much of the truth was read, and how much of what was read is true.</summary>
internal sealed partial class WordBag
{
    private readonly Dictionary<string, int> _words = new(StringComparer.Ordinal);

    public WordBag(string text)
    {
        foreach (Match word in Words().Matches(text.ToLowerInvariant()))
        {
            _words[word.Value] = _words.GetValueOrDefault(word.Value) + 1;
            Count++;
        }
    }

    public int Count { get; }

    /// <summary>Share of the truth's words that <paramref name="read"/> has.</summary>
    public double Recall(WordBag read) => Count == 0 ? 1 : (double)Common(read) / Count;

    /// <summary>Share of the words of <paramref name="read"/> that are in the truth.</summary>
    public double Precision(WordBag read) => read.Count == 0 ? 1 : (double)Common(read) / read.Count;

    private int Common(WordBag other) => _words.Sum(word => Math.Min(word.Value, other._words.GetValueOrDefault(word.Key)));

    [GeneratedRegex(@"[\p{L}\p{N}]+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Words();
}
