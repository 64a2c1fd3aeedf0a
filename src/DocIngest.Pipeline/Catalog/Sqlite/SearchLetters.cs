using System.Buffers;
using System.Text;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Catalog;

/// <summary>
/// Splits and folds text as the index's tokenizer does (FTS5 <c>unicode61 remove_diacritics 2</c>), for what the index itself
/// does not say: whether a query holds anything to search for, and where in a text its words stand.
/// </summary>
/// <remarks>
/// A test compares it with SQLite for every letter of the Latin, Greek and Cyrillic blocks; elsewhere a difference costs a mark in
/// a snippet, never a hit.
/// </remarks>
internal static class SearchLetters
{
    private const char Separator = LetterForms.None;
    private const char Diacritic = LetterForms.Diacritic;
    private const char FirstSurrogate = '\uD800';
    private const char LastSurrogate = '\uDFFF';

    private static readonly char[] Folded = BuildTable();

    /// <summary>The next word at or after <paramref name="from"/>; false where there is none.</summary>
    public static bool NextWord(ReadOnlySpan<char> text, int from, out int start, out int length)
    {
        start = from;
        while (start < text.Length && !IsWordStart(text, start))
        {
            start++;
        }

        int end = start;
        while (end < text.Length && (Folded[text[end]] != Separator || IsSurrogateLetter(text, end)))
        {
            end++;
        }

        length = end - start;
        return length > 0;
    }

    /// <summary>A word in the form in which words are compared.</summary>
    public static string Fold(ReadOnlySpan<char> word)
    {
        var folded = new StringBuilder(word.Length);
        foreach (char letter in word)
        {
            char fold = Fold(letter);
            if (fold != Diacritic)
            {
                folded.Append(fold);
            }
        }

        return folded.ToString();
    }

    /// <summary>Whether a word of a text is <paramref name="folded"/>, or begins with it.</summary>
    public static bool Matches(ReadOnlySpan<char> word, string folded, bool prefix)
    {
        int at = 0;
        foreach (char letter in word)
        {
            char fold = Fold(letter);
            if (fold == Diacritic)
            {
                continue;
            }

            if (at == folded.Length)
            {
                return prefix;
            }

            if (fold != folded[at++])
            {
                return false;
            }
        }

        return at == folded.Length;
    }

    private static char Fold(char letter) => char.IsSurrogate(letter) ? letter : Folded[letter];

    private static bool IsWordStart(ReadOnlySpan<char> text, int at) =>
        Folded[text[at]] > Diacritic || IsSurrogateLetter(text, at);

    private static bool IsSurrogateLetter(ReadOnlySpan<char> text, int at)
    {
        char unit = text[at];
        if (unit is < FirstSurrogate or > LastSurrogate)
        {
            return false;
        }

        int first = char.IsLowSurrogate(unit) ? at - 1 : at;
        return first >= 0 && Rune.DecodeFromUtf16(text[first..], out var rune, out _) == OperationStatus.Done && (Rune.IsLetter(rune) || Rune.IsNumber(rune));
    }

    private static char[] BuildTable()
    {
        char[] table = [.. LetterForms.Table];
        table[SearchTags.Mark] = Separator;
        return table;
    }
}
