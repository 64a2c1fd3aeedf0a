namespace DocIngest.Pipeline.Classification;

/// <summary>A code of a vocabulary.</summary>
/// <param name="Value">As the vocabulary writes it.</param>
/// <param name="Term">What it means.</param>
internal sealed record VocabularyCode(string Value, string Term);

/// <summary>A vocabulary. Codes are recognised whatever the case of their letters, and with or without the points and dashes in them.</summary>
internal sealed class CodeList
{
    private const int FewestCharacters = 2;

    private readonly Dictionary<string, VocabularyCode> _codes;
    private readonly int _longest;

    /// <param name="name">What fields call it by.</param>
    /// <param name="codes">Codes; of two that are alike but for points and dashes, the first counts.</param>
    public CodeList(string name, IEnumerable<VocabularyCode> codes)
    {
        Name = name;
        _codes = codes.DistinctBy(code => Bare(code.Value)).ToDictionary(code => Bare(code.Value));
        _longest = _codes.Keys.Select(code => code.Length).DefaultIfEmpty().Max() * 2;
    }

    public string Name { get; }

    public int Count => _codes.Count;

    /// <summary>The codes of a text, in order.</summary>
    public IEnumerable<(VocabularyCode Code, Span Span)> In(string text, int from = 0)
    {
        for (int at = from; at < text.Length; at++)
        {
            if (!IsOfCode(text[at]))
            {
                continue;
            }

            int end = at + 1;
            while (end < text.Length && (IsOfCode(text[end]) || (text[end] is '.' or '-' && end + 1 < text.Length && IsOfCode(text[end + 1]))))
            {
                end++;
            }

            if (end - at >= FewestCharacters && end - at <= _longest && _codes.TryGetValue(Bare(text[at..end]), out var code))
            {
                yield return (code, new Span(at, end - at));
            }

            at = end;
        }
    }

    /// <summary>A code without points, dashes and blanks, in capitals.</summary>
    public static string Bare(string code) =>
        string.Concat(code.Where(char.IsLetterOrDigit).Select(char.ToUpperInvariant));

    private static bool IsOfCode(char character) => char.IsLetterOrDigit(character);
}
