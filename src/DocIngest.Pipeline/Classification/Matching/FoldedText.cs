using System.Text;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Classification;

/// <summary>What does not count when texts are compared.</summary>
/// <param name="MatchCase">Whether capital and small letters differ.</param>
/// <param name="MatchDiacritics">Whether letters with and without accents differ.</param>
internal readonly record struct Folding(bool MatchCase, bool MatchDiacritics)
{
    /// <summary>Neither counts.</summary>
    public static Folding Loose => default;
}

/// <summary>
/// A text in the form in which it is compared: any white space is one blank, a word divided at the end of a line is whole, quotes and
/// dashes are plain, ligatures are letters; and as <see cref="Folding"/> says, letters are small and without accents.
/// </summary>
internal static class FoldedText
{
    /// <summary>Folds a text.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="folding">What does not count.</param>
    /// <param name="origins">Gets the place in <paramref name="text"/> that each character comes from.</param>
    public static string Fold(string text, Folding folding, List<int>? origins = null)
    {
        var folded = new StringBuilder(text.Length);
        for (int at = 0; at < text.Length; at++)
        {
            char unit = text[at];
            if (char.IsAsciiLetterOrDigit(unit))
            {
                Append(folding.MatchCase ? unit : char.ToLowerInvariant(unit));
            }
            else if (char.IsWhiteSpace(unit))
            {
                if (folded.Length == 0 || folded[^1] != ' ')
                {
                    Append(' ');
                }
            }
            else if (unit == '-' && IsDivision(text, at, out int next))
            {
                at = next - 1;
            }
            else if (Plain(unit) is { } plain)
            {
                Append(plain);
            }
            else if (folding.MatchDiacritics)
            {
                Append(folding.MatchCase ? unit : char.ToLowerInvariant(unit));
            }
            else
            {
                AppendBare(unit);
            }

            void Append(char character)
            {
                folded.Append(character);
                origins?.Add(at);
            }

            void AppendBare(char letter)
            {
                if (Spelled(letter) is { } spelled)
                {
                    foreach (char part in spelled)
                    {
                        Append(folding.MatchCase && char.IsUpper(letter) ? char.ToUpperInvariant(part) : part);
                    }

                    return;
                }

                char form = LetterForms.Of(letter);
                if (form == LetterForms.Diacritic)
                {
                    return;
                }

                Append(form == LetterForms.None ? letter : folding.MatchCase && char.IsUpper(letter) ? char.ToUpperInvariant(form) : form);
            }
        }

        return folded.ToString();
    }

    /// <summary>Whether a character belongs to a word.</summary>
    public static bool IsOfWord(char unit) => char.IsAsciiLetterOrDigit(unit) || (unit > '\u007F' && LetterForms.Of(unit) != LetterForms.None);

    // "aller-" at a line's end and "gy" on the next are one word; "X-" and "Ray" are not.
    private static bool IsDivision(string text, int at, out int next)
    {
        next = at + 1;
        if (at == 0 || !char.IsLetter(text[at - 1]) || next >= text.Length || text[next] != '\n')
        {
            return false;
        }

        while (next < text.Length && char.IsWhiteSpace(text[next]))
        {
            next++;
        }

        return next < text.Length && char.IsLower(text[next]);
    }

    private static char? Plain(char unit) => unit switch
    {
        '\u2018' or '\u2019' or '\u201A' or '\u00B4' or '`' => '\'',
        '\u201C' or '\u201D' or '\u201E' or '\u00AB' or '\u00BB' => '"',
        '\u2010' or '\u2011' or '\u2012' or '\u2013' or '\u2014' or '\u2212' => '-',
        _ => null,
    };

    private static string? Spelled(char letter) => letter switch
    {
        'ß' or 'ẞ' => "ss",
        'æ' or 'Æ' => "ae",
        'œ' or 'Œ' => "oe",
        'ø' or 'Ø' => "o",
        'đ' or 'Đ' => "d",
        'ł' or 'Ł' => "l",
        '\uFB00' => "ff",
        '\uFB01' => "fi",
        '\uFB02' => "fl",
        '\uFB03' => "ffi",
        '\uFB04' => "ffl",
        _ => null,
    };
}
