namespace DocIngest.Pipeline.Extraction.Layers;

/// <summary>Whether a word is of a make that people and programs write: words, names, numbers, measures, codes, forms of these.</summary>
internal static class TokenShape
{
    // Signs inside a word that numbers, codes, dates, formulas and joined words have.
    private const string Joining = "-'\u2019.,:;/&+%#()[]=\u2013\u2014\u00AD*\u00D7\u00B0\u00B5\u00B1<>_\u00B7";
    private const int MostChanges = 2;

    /// <summary>Letters, digits and signs change too often within it, or its case does.</summary>
    /// <param name="word">Without the punctuation around it.</param>
    public static bool IsMalformed(ReadOnlySpan<char> word)
    {
        int signs = 0;      // no letters, digits or joining signs
        int changes = 0;    // between lower-case letters and digits
        int raised = 0;     // capitals behind small letters
        bool hasLower = false;
        bool hasCase = false;
        char before = '\0';
        foreach (char character in word)
        {
            bool isLetter = char.IsLetter(character);
            bool isDigit = char.IsAsciiDigit(character);
            signs += !isLetter && !char.IsNumber(character) && !Joining.Contains(character, StringComparison.Ordinal) && IsSign(character) ? 1 : 0;
            hasLower |= char.IsLower(character);
            hasCase |= isLetter;
            changes += (isDigit && char.IsLetter(before)) || (isLetter && char.IsAsciiDigit(before)) ? 1 : 0;
            raised += char.IsUpper(character) && char.IsLower(before) ? 1 : 0;
            before = character;
        }

        return (signs > 0 && hasCase) || signs > 1 || (hasLower && changes > MostChanges) || raised > 1;
    }

    /// <summary>Several different signs in a row, as specks are read. Leaders and rules repeat one.</summary>
    public static bool IsSignSalad(ReadOnlySpan<char> token)
    {
        int changes = 0;
        for (int at = 1; at < token.Length; at++)
        {
            changes += token[at] != token[at - 1] ? 1 : 0;
        }

        return changes > 1;
    }

    private static bool IsSign(char character) => character < '\u0300' || character is (>= '\u2000' and < '\u2200') or (>= '\u2500' and < '\u2700');
}
