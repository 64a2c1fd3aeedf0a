using System.Buffers;

namespace DocIngest.Pipeline.Extraction.Cleaning;

/// <summary>What text may hold on its way out of a reader: form C, LF between lines, no control characters, no lone surrogates.</summary>
internal static class PlainText
{
    private const char Replacement = '\uFFFD';

    // C0 but LF, DEL and C1, line and page separators, and what shows nothing but would split a word for the search: soft
    // hyphen, zero width space, word joiner, byte order mark. Surrogates and noncharacters are looked at one by one.
    private static readonly SearchValues<char> Suspicious = SearchValues.Create(
    [
        .. Enumerable.Range(0, 0x20).Where(code => code != '\n').Select(code => (char)code),
        .. Enumerable.Range(0x7F, 0x21).Select(code => (char)code),
        '\u00AD', '\u200B', '\u2028', '\u2029', '\u2060', '\uFEFF', '\uFFFE', '\uFFFF',
        .. Enumerable.Range(0xD800, 0x800).Select(code => (char)code),
    ]);

    /// <summary>Makes any text fit.</summary>
    public static string Clean(string text)
    {
        int first = text.AsSpan().IndexOfAny(Suspicious);
        return CanonicalComposition.Compose(first < 0 ? text : Replace(text, first));
    }

    /// <summary>Whether text from another process is as <see cref="Clean"/> leaves it, but for its form.</summary>
    public static bool IsClean(ReadOnlySpan<char> text)
    {
        for (int at = text.IndexOfAny(Suspicious); at >= 0 && at < text.Length;)
        {
            if (at + 1 == text.Length || !char.IsSurrogatePair(text[at], text[at + 1]))
            {
                return false;
            }

            int next = text[(at + 2)..].IndexOfAny(Suspicious);
            at = next < 0 ? -1 : at + 2 + next;
        }

        return true;
    }

    private static string Replace(string text, int first)
    {
        var kept = new System.Text.StringBuilder(text.Length);
        kept.Append(text, 0, first);
        for (int at = first; at < text.Length; at++)
        {
            char character = text[at];
            if (!Suspicious.Contains(character))
            {
                kept.Append(character);
            }
            else if (at + 1 < text.Length && char.IsSurrogatePair(character, text[at + 1]))
            {
                kept.Append(character).Append(text[++at]);
            }
            else if (char.IsSurrogate(character) || character >= '\uFFFE')
            {
                kept.Append(Replacement);
            }
            else if (character is not ('\u00AD' or '\u200B' or '\u2060' or '\uFEFF'))
            {
                bool endsLine = character is '\u2028' or '\u2029' || (character == '\r' && !(at + 1 < text.Length && text[at + 1] == '\n'));
                kept.Append(character == '\r' && !endsLine ? string.Empty : endsLine ? "\n" : " ");
            }
        }

        return kept.ToString();
    }
}
