using System.Text.RegularExpressions;

namespace DocIngest.Pipeline.Classification;

/// <summary>
/// Finds what a regular expression matches. Expressions run without going back where they can, so that their time grows with the text
/// alone; look-around, back references and the like cannot, and have a time limit.
/// </summary>
internal sealed class RegexMatcher : ITextMatcher
{
    /// <summary>The group that holds a value.</summary>
    public const string ValueGroup = "value";

    private const RegexOptions Always = RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.ExplicitCapture;

    private readonly Regex _pattern;

    /// <exception cref="ArgumentException">No regular expression; the message says why.</exception>
    public RegexMatcher(string pattern, bool matchCase, TimeSpan limit)
    {
        var options = Always | (matchCase ? RegexOptions.None : RegexOptions.IgnoreCase);
        try
        {
            _pattern = new Regex(pattern, options | RegexOptions.NonBacktracking, limit);
        }
        catch (NotSupportedException)
        {
            _pattern = new Regex(pattern, options, limit);
            GoesBack = true;
        }

        HasValueGroup = _pattern.GetGroupNames().Contains(ValueGroup);
    }

    /// <summary>Whether the expression can only run by going back, guarded by its limit.</summary>
    public bool GoesBack { get; }

    /// <summary>Whether it has a group <see cref="ValueGroup"/>.</summary>
    public bool HasValueGroup { get; }

    /// <inheritdoc />
    public Span? Find(SearchedText text, Allowance allowance) => Match(text.Original, 0, allowance)?.Whole;

    /// <summary>The first match at or after a place, and the value in it; null where there is none. An empty match is none.</summary>
    /// <exception cref="OutOfTimeException">It took too long.</exception>
    public (Span Whole, Span Value)? Match(string text, int from, Allowance allowance)
    {
        try
        {
            for (var match = _pattern.Match(text, from); match.Success; match = match.NextMatch())
            {
                allowance.Check();
                var value = match.Groups[ValueGroup] is { Success: true } group ? group : match;
                if (value.Length > 0)
                {
                    return (new Span(match.Index, match.Length), new Span(value.Index, value.Length));
                }
            }

            allowance.Check();
            return null;
        }
        catch (RegexMatchTimeoutException)
        {
            throw new OutOfTimeException();
        }
    }
}
