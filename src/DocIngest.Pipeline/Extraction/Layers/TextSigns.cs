using System.Globalization;

namespace DocIngest.Pipeline.Extraction.Layers;

/// <summary>
/// What can be counted in a text without knowing its language: how usual its runs of letters are, and how many of its words are
/// of a make that nobody writes. Shares are 0 to 1.
/// </summary>
/// <param name="Visible">Characters that are no white space; what repeats the one before counts no more (leaders, rules).</param>
/// <param name="Unmapped">Share of them without a meaning: control, private and unassigned characters, and what stands for the unknown.</param>
/// <param name="Swapped">Share of them whose lower byte is zero: two-byte text read the wrong way round.</param>
/// <param name="Trigrams">Runs of three Latin letters that were judged.</param>
/// <param name="Unusual">How much rarer they are than those of a European language, bits each; 0 and less where they are as usual.</param>
/// <param name="Words">Words and numbers.</param>
/// <param name="Malformed">Share of them that mix letters, digits and signs as recognition of bad print does.</param>
/// <param name="Letters">Letters of any script.</param>
/// <param name="Lone">Share of all letters that are Latin and stand by themselves.</param>
/// <param name="Mixed">Share of neighbouring letters that are of different scripts.</param>
/// <param name="Garbled">Share of the letters beyond ASCII that are halves of UTF-8 read as a one-byte code, of all letters.</param>
internal readonly record struct TextSigns(
    int Visible, double Unmapped, double Swapped, int Trigrams, double Unusual, int Words, double Malformed, int Letters, double Lone, double Mixed, double Garbled)
{
    private const int LongestRun = 30;       // longer ones are sequences (DNA), base64 and keys
    private const int LongestAcronym = 5;    // PERRL, MCHC

    /// <summary>Counts.</summary>
    public static TextSigns Of(string text)
    {
        var count = new Counting();
        int at = 0;
        while (at < text.Length)
        {
            if (Separates(text[at]))
            {
                at++;
                continue;
            }

            int start = at;
            while (at < text.Length && !Separates(text[at]))
            {
                at++;
            }

            count.Token(text.AsSpan(start, at - start));
        }

        return count.ToSigns();
    }

    // Zero-width spaces stand between the words of some programs.
    private static bool Separates(char character) => char.IsWhiteSpace(character) || character == '\u200B';

    private sealed class Counting
    {
        private int _visible;
        private int _unmapped;
        private int _swapped;
        private int _trigrams;
        private double _bits;
        private int _words;
        private int _malformed;
        private int _lone;
        private int _letters;
        private int _pairs;
        private int _mixed;
        private int _garbled;

        public TextSigns ToSigns() => new(
            _visible, Share(_unmapped, _visible), Share(_swapped, _visible), _trigrams, _trigrams == 0 ? 0 : LetterTrigrams.UsualBits - (_bits / _trigrams),
            _words, Share(_malformed, _words), _letters, Share(_lone, _letters), Share(_mixed, _pairs), Share(_garbled, _letters));

        public void Token(ReadOnlySpan<char> token)
        {
            Characters(token);
            var core = token.Trim(Around);
            bool isAddress = core.Contains('@') || core.Contains("://", StringComparison.Ordinal) || core.StartsWith("www.", StringComparison.OrdinalIgnoreCase);
            if (isAddress)
            {
                _words++;
                return;
            }

            if (core.Length > 0)
            {
                _words++;
                _malformed += TokenShape.IsMalformed(core) ? 1 : 0;
            }
            else if (TokenShape.IsSignSalad(token))
            {
                _words++;
                _malformed++;
            }

            Runs(core);
        }

        private void Characters(ReadOnlySpan<char> token)
        {
            var before = Script.None;
            for (int at = 0; at < token.Length; at++)
            {
                char character = token[at];
                var category = char.GetUnicodeCategory(character);
                if (category == UnicodeCategory.Format || (at > 0 && character == token[at - 1] && !char.IsLetter(character)))
                {
                    continue;
                }

                _visible++;
                _swapped += character > 0xFF && (character & 0xFF) == 0 ? 1 : 0;
                _unmapped += category is UnicodeCategory.Control or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
                    || character == '\uFFFD' || (category == UnicodeCategory.Surrogate && !IsPaired(token, at)) ? 1 : 0;
                bool isHalf = at + 1 < token.Length && character is '\u00C3' or '\u00C2' or '\u00D0' or '\u00D1' or '\u00E2' or '\u00C5' or '\u00C4'
                    && IsContinuation(token[at + 1]);
                _garbled += isHalf ? 1 : 0;
                var script = char.IsLetter(character) ? Scripts.Of(character) : Script.None;
                _letters += script == Script.None ? 0 : 1;
                if (script != Script.None && before != Script.None)
                {
                    _pairs++;
                    _mixed += script != before ? 1 : 0;
                }

                before = script;
            }
        }

        // Latin letters in a row, apart from codes: "B12", "p53" and file names are none.
        private void Runs(ReadOnlySpan<char> core)
        {
            Span<byte> run = stackalloc byte[LongestRun];
            int length = 0;
            bool isCode = false;
            bool isAllCapitals = true;
            for (int at = 0; at <= core.Length; at++)
            {
                int letter = at < core.Length ? LetterTrigrams.Fold(core[at]) : -1;
                if (letter >= 0)
                {
                    if (length < LongestRun)
                    {
                        run[length] = (byte)letter;
                    }

                    isAllCapitals &= char.IsUpper(core[at]);
                    length++;
                    continue;
                }

                bool endsInCode = at < core.Length && core[at] is (>= '0' and <= '9') or '_' or '\\';
                if (length > 0 && length <= LongestRun && !isCode && !endsInCode)
                {
                    _lone += length == 1 ? 1 : 0;
                    Run(isAllCapitals && length <= LongestAcronym ? [] : run[..length]);
                }

                isCode = endsInCode;
                isAllCapitals = true;
                length = 0;
            }
        }

        private void Run(ReadOnlySpan<byte> run)
        {
            for (int at = 0; at + 2 < run.Length; at++)
            {
                _bits += LetterTrigrams.Bits(run[at], run[at + 1], run[at + 2]);
                _trigrams++;
            }
        }

        private const string Around = ".,;:!?()[]{}<>\"'`*-/\u2018\u2019\u201A\u201C\u201D\u201E\u00AB\u00BB\u2013\u2014\u2026\u2022\u00B7";

        private static bool IsPaired(ReadOnlySpan<char> token, int at) => char.IsHighSurrogate(token[at])
            ? at + 1 < token.Length && char.IsLowSurrogate(token[at + 1])
            : at > 0 && char.IsHighSurrogate(token[at - 1]);

        // What bytes 0x80 to 0xBF are in ISO 8859-1 and in Windows 1252.
        private static bool IsContinuation(char character) => character is (>= '\u0080' and <= '\u00BF') or '\u20AC' or '\u201A' or '\u0192' or '\u201E'
            or '\u2026' or '\u2020' or '\u2021' or '\u02C6' or '\u2030' or '\u0160' or '\u2039' or '\u0152' or '\u017D' or '\u2018' or '\u2019' or '\u201C'
            or '\u201D' or '\u2022' or '\u2013' or '\u2014' or '\u02DC' or '\u2122' or '\u0161' or '\u203A' or '\u0153' or '\u017E' or '\u0178';

        private static double Share(int part, int whole) => whole == 0 ? 0 : (double)part / whole;
    }
}
