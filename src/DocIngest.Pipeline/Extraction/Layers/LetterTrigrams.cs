using System.Text;

namespace DocIngest.Pipeline.Extraction.Layers;

/// <summary>
/// How usual three letters in a row are in the languages of Europe that write Latin letters. Letters with marks count as those
/// without.
/// </summary>
/// <remarks>
/// The table holds four levels for each of 26 x 26 x 26 runs, two bits each. They come from the letter frequencies of 27 languages
/// in Lingua's models (Apache 2.0), each language with the same weight, English with three times that; made by
/// <c>bench/DocIngest.Benchmarks letter-trigrams</c>.
/// </remarks>
internal static partial class LetterTrigrams
{
    private const int Letters = 26;

    private static readonly byte[] Levels = Convert.FromBase64String(Table);

    // Index of the letter that a character is a form of; 255: none. Latin, Latin-1, Extended-A and the letters of Romanian.
    private static readonly byte[] Folded = MakeFolded();

    /// <summary>0 to 25 for a Latin letter, whatever its case and marks; -1 for everything else.</summary>
    public static int Fold(char character) => character < Folded.Length && Folded[character] is not 255 and var letter ? letter : -1;

    /// <summary>How much more usual a run is than if all were alike, bits.</summary>
    public static double Bits(int first, int second, int third)
    {
        int at = (((first * Letters) + second) * Letters) + third;
        return LevelBits[(Levels[at >> 2] >> (2 * (at & 3))) & 3];
    }

    private static byte[] MakeFolded()
    {
        byte[] folded = new byte[0x220];
        Array.Fill(folded, (byte)255);
        for (int code = 'A'; code < folded.Length; code++)
        {
            char character = (char)code;
            if (char.IsLetter(character))
            {
                char plain = Plain(character);
                folded[code] = plain is >= 'a' and <= 'z' ? (byte)(plain - 'a') : (byte)255;
            }
        }

        return folded;
    }

    private static char Plain(char character) => char.ToLowerInvariant(character) switch
    {
        'ß' => 's',
        'æ' => 'a',
        'œ' => 'o',
        'ø' => 'o',
        'ð' or 'đ' => 'd',
        'þ' or 'ŧ' => 't',
        'ł' => 'l',
        'ı' => 'i',
        'ħ' => 'h',
        var lower => lower.ToString().Normalize(NormalizationForm.FormD)[0],
    };
}
