using System.Text.RegularExpressions;

namespace DocIngest.Pipeline.Retention;

/// <summary>The words of an expression, one after the other: names, numbers and signs, with their places.</summary>
internal sealed partial class ExpressionWords
{
    private readonly string _text;
    private int _start;
    private string _word = "";

    public ExpressionWords(string text)
    {
        _text = text;
        Next();
    }

    public bool AtEnd => _word.Length == 0;

    /// <summary>The word as a name; null where it is none.</summary>
    public string? Name => _word.Length > 0 && char.IsAsciiLetter(_word[0]) ? _word : null;

    /// <summary>The word as a number; null where it is none. Numbers too long to be one are the largest there is.</summary>
    public int? Number => AtEnd || !char.IsAsciiDigit(_word[0]) ? null : int.TryParse(_word, out int number) ? number : int.MaxValue;

    /// <summary>Line and column of the word, both from 1.</summary>
    public (int Line, int Column) Place
    {
        get
        {
            var before = _text.AsSpan(0, _start);
            return (before.Count('\n') + 1, _start - before.LastIndexOf('\n'));
        }
    }

    /// <summary>The word for messages.</summary>
    public string Shown => AtEnd ? "its end" : $"\"{_word}\"";

    public bool Is(string word) => _word == word;

    /// <summary>Goes on where the word is this one.</summary>
    public bool Take(string word)
    {
        if (!Is(word))
        {
            return false;
        }

        Next();
        return true;
    }

    public void Next()
    {
        var match = Word().Match(_text, _start + _word.Length);
        _start = match.Success ? match.Groups["word"].Index : _text.Length;
        _word = match.Success ? match.Groups["word"].Value : "";
    }

    // Any other character is a word of its own, which fits nowhere.
    [GeneratedRegex(@"\G\s*(?<word>[A-Za-z][A-Za-z0-9_.]*|[0-9]+|>=|<=|\S)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Word();
}
