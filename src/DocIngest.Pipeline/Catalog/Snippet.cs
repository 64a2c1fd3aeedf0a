using System.Text;

namespace DocIngest.Pipeline.Catalog;

/// <summary>
/// Cuts a line of text around the first hit, within the hit's page. FTS5's own snippet() splits the whole text of every row;
/// this stops at the first hit, so a long document costs no more than its beginning.
/// </summary>
internal static class Snippet
{
    private const char PageEnd = '\f';
    private const char Cut = '…';
    private const int MinLength = 20;
    private const int MaxLength = 2_000;

    /// <summary>The text around the first hit of any term; the beginning of the first page with text where there is no hit.</summary>
    public static string Around(string text, IReadOnlyList<SearchTerm> terms, SnippetStyle style)
    {
        int length = Math.Clamp(style.MaxLength, MinLength, MaxLength);
        int hit = FirstHit(text, terms);
        int pageStart = hit <= 0 ? SkipSpace(text) : text.LastIndexOf(PageEnd, hit - 1) + 1;
        int pageEnd = text.IndexOf(PageEnd, Math.Max(hit, pageStart));
        if (pageEnd < 0)
        {
            pageEnd = text.Length;
        }

        // A third before the hit: what led to it matters, what follows matters more.
        int start = Math.Max(pageStart, hit - (length / 3));
        int end = Math.Min(pageEnd, start + length);
        start = Math.Max(pageStart, Math.Min(start, end - length));
        (start, end) = AtWords(text, start, end, pageStart, pageEnd, Math.Max(hit, start));
        return Mark(text.AsSpan(start, end - start), terms, style, cutBefore: start > pageStart, cutAfter: end < pageEnd);
    }

    private static int FirstHit(ReadOnlySpan<char> text, IReadOnlyList<SearchTerm> terms)
    {
        for (int from = 0; terms.Count > 0 && SearchLetters.NextWord(text, from, out int start, out int length); from = start + length)
        {
            if (HitEnd(text, start, length, terms) > 0)
            {
                return start;
            }
        }

        return -1;
    }

    // Where the longest term that begins at this word ends; 0 where none does.
    private static int HitEnd(ReadOnlySpan<char> text, int start, int length, IReadOnlyList<SearchTerm> terms)
    {
        int end = 0;
        foreach (var term in terms)
        {
            end = Math.Max(end, TermEnd(text, start, length, term));
        }

        return end;
    }

    private static int TermEnd(ReadOnlySpan<char> text, int start, int length, SearchTerm term)
    {
        for (int word = 0; ; word++)
        {
            bool last = word == term.Words.Count - 1;
            if (!SearchLetters.Matches(text.Slice(start, length), term.Words[word], term.Prefix && last))
            {
                return 0;
            }

            if (last)
            {
                return start + length;
            }

            if (!SearchLetters.NextWord(text, start + length, out start, out length))
            {
                return 0;
            }
        }
    }

    private static int SkipSpace(ReadOnlySpan<char> text)
    {
        int at = 0;
        while (at < text.Length && char.IsWhiteSpace(text[at]))
        {
            at++;
        }

        return at;
    }

    // Words are not cut in two, unless one is so long that nothing would be left; nor are surrogate pairs.
    private static (int Start, int End) AtWords(ReadOnlySpan<char> text, int start, int end, int pageStart, int pageEnd, int hit)
    {
        if (start > pageStart && !char.IsWhiteSpace(text[start - 1]))
        {
            int space = text[start..hit].IndexOfAny(" \n\t");
            start += space >= 0 ? space + 1 : 0;
        }

        if (end < pageEnd && !char.IsWhiteSpace(text[end]))
        {
            int space = text[hit..end].LastIndexOfAny(" \n\t");
            end = space > 0 ? hit + space : end;
        }

        start += start < end && char.IsLowSurrogate(text[start]) ? 1 : 0;
        end -= end > start && char.IsHighSurrogate(text[end - 1]) ? 1 : 0;
        return (start, end);
    }

    private static string Mark(ReadOnlySpan<char> text, IReadOnlyList<SearchTerm> terms, SnippetStyle style, bool cutBefore, bool cutAfter)
    {
        var line = new StringBuilder(text.Length + 32);
        int done = 0;
        for (int from = 0; SearchLetters.NextWord(text, from, out int start, out int length);)
        {
            int end = HitEnd(text, start, length, terms);
            from = end > 0 ? end : start + length;
            if (end > 0)
            {
                AppendLine(line, text[done..start]);
                line.Append(style.Before);
                AppendLine(line, text[start..end]);
                line.Append(style.After);
                done = end;
            }
        }

        AppendLine(line, text[done..]);
        string marked = line.ToString().Trim();
        return $"{(cutBefore ? $"{Cut} " : "")}{marked}{(cutAfter ? $" {Cut}" : "")}";
    }

    // One line: every run of white space is one space, and control characters are none.
    private static void AppendLine(StringBuilder line, ReadOnlySpan<char> text)
    {
        foreach (char letter in text)
        {
            if (!char.IsWhiteSpace(letter) && !char.IsControl(letter))
            {
                line.Append(letter);
            }
            else if (line.Length > 0 && line[^1] != ' ')
            {
                line.Append(' ');
            }
        }
    }
}
