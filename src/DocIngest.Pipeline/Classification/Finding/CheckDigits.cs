namespace DocIngest.Pipeline.Classification;

/// <summary>How the check digit of an identifier is made.</summary>
public enum CheckDigitRule
{
    /// <summary>It has none.</summary>
    None,

    /// <summary>Luhn's modulus 10 (ISO/IEC 7812-1).</summary>
    Luhn,

    /// <summary>Modulus 10 with weights 3 and 1 (GS1: GTIN, GLN, GSRN).</summary>
    Gs1,

    /// <summary>Modulus 11 with weights 2, 3, 4 … from the right, remainder 10 never given out (NHS number); 10 digits at most.</summary>
    Mod11,

    /// <summary>ISO/IEC 7064 MOD 97-10: two digits at the end; letters count as 10 to 35.</summary>
    Mod97,

    /// <summary>Verhoeff's.</summary>
    Verhoeff,

    /// <summary>Damm's.</summary>
    Damm,
}

/// <summary>Checks the check digits of identifiers. Blanks, <c>-</c>, <c>/</c> and <c>.</c> between digits do not count.</summary>
internal static class CheckDigits
{
    // Verhoeff 1969: multiplication in the dihedral group of ten elements, and the permutation applied once more at each place.
    private static readonly byte[][] Product =
    [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 0, 6, 7, 8, 9, 5], [2, 3, 4, 0, 1, 7, 8, 9, 5, 6], [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
        [4, 0, 1, 2, 3, 9, 5, 6, 7, 8], [5, 9, 8, 7, 6, 0, 4, 3, 2, 1], [6, 5, 9, 8, 7, 1, 0, 4, 3, 2], [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
        [8, 7, 6, 5, 9, 3, 2, 1, 0, 4], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ];

    private static readonly byte[][] Permutation =
    [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 5, 7, 6, 2, 8, 3, 0, 9, 4], [5, 8, 0, 3, 7, 9, 6, 1, 4, 2], [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
        [9, 4, 5, 3, 1, 2, 6, 8, 7, 0], [4, 2, 8, 6, 5, 7, 3, 9, 0, 1], [2, 7, 9, 3, 8, 0, 6, 4, 1, 5], [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
    ];

    // Damm 2004: a totally anti-symmetric quasigroup.
    private static readonly byte[][] Quasigroup =
    [
        [0, 3, 1, 7, 5, 9, 8, 6, 4, 2], [7, 0, 9, 2, 1, 5, 4, 8, 6, 3], [4, 2, 0, 6, 8, 7, 1, 3, 5, 9], [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
        [6, 1, 2, 3, 0, 4, 5, 9, 7, 8], [3, 6, 7, 4, 2, 0, 9, 5, 8, 1], [5, 8, 6, 9, 7, 2, 0, 1, 3, 4], [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
        [9, 4, 3, 8, 6, 1, 7, 2, 0, 5], [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
    ];

    /// <summary>Whether an identifier has the right check digit. One with other characters than the rule knows has not.</summary>
    public static bool Hold(CheckDigitRule rule, string identifier)
    {
        if (rule == CheckDigitRule.None)
        {
            return true;
        }

        string bare = string.Concat(identifier.Where(character => !char.IsWhiteSpace(character) && character is not ('-' or '/' or '.')));
        return rule == CheckDigitRule.Mod97 ? HoldsMod97(bare) : bare.Length >= 2 && bare.All(char.IsAsciiDigit) && Holds(rule, bare);
    }

    private static bool Holds(CheckDigitRule rule, string digits) => rule switch
    {
        CheckDigitRule.Luhn => FromRight(digits).Sum(place => place.At % 2 == 0 ? place.Digit : (place.Digit * 2 / 10) + (place.Digit * 2 % 10)) % 10 == 0,
        CheckDigitRule.Gs1 => FromRight(digits).Sum(place => place.At % 2 == 0 ? place.Digit : place.Digit * 3) % 10 == 0,
        CheckDigitRule.Mod11 => digits.Length <= 10 && FromRight(digits).Sum(place => place.Digit * (place.At + 1)) % 11 == 0,
        CheckDigitRule.Verhoeff => FromRight(digits).Aggregate(0, (sum, place) => Product[sum][Permutation[place.At % 8][place.Digit]]) == 0,
        CheckDigitRule.Damm => digits.Aggregate(0, (sum, digit) => Quasigroup[sum][digit - '0']) == 0,
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static bool HoldsMod97(string bare)
    {
        int remainder = 0;
        foreach (char character in bare)
        {
            if (!char.IsAsciiLetterOrDigit(character))
            {
                return false;
            }

            int value = char.IsAsciiDigit(character) ? character - '0' : char.ToUpperInvariant(character) - 'A' + 10;
            remainder = ((remainder * (value > 9 ? 100 : 10)) + value) % 97;
        }

        return bare.Length >= 3 && remainder == 1;
    }

    private static IEnumerable<(int Digit, int At)> FromRight(string digits) => digits.Reverse().Select((digit, at) => (digit - '0', at));
}
