using System.Collections.Frozen;

namespace DocIngest.Pipeline.Extraction.Cleaning;

/// <summary>
/// Unicode normalization form C for the Basic Multilingual Plane. The framework's own is no operation under invariant
/// globalization, and ICU is not on every machine; without it "é" typed and "e" with an accent set by TeX would never meet
/// in a search. Characters beyond the plane pass unchanged.
/// </summary>
/// <remarks>UAX #15; Hangul by arithmetic (The Unicode Standard, 3.12).</remarks>
internal static class CanonicalComposition
{
    private const char FirstThatMatters = '\u0300';
    private const int HangulBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TailBase = 0x11A7;
    private const int LeadCount = 19, VowelCount = 21, TailCount = 28;

    private static readonly Lazy<Tables> Loaded = new(() => new Tables());

    /// <summary>Brings text to form C.</summary>
    /// <returns>The same string where nothing was to be done.</returns>
    public static string Compose(string text)
    {
        int first = text.AsSpan().IndexOfAnyInRange(FirstThatMatters, char.MaxValue);
        if (first < 0)
        {
            return text;
        }

        var tables = Loaded.Value;
        if (!tables.MayChange(text.AsSpan(first)))
        {
            return text;
        }

        var decomposed = new List<char>(text.Length + 16);
        foreach (char character in text)
        {
            tables.Decompose(character, decomposed);
        }

        tables.Order(decomposed);
        return tables.Compose(decomposed);
    }

    private sealed class Tables
    {
        // Stream-safe text has at most 30 marks in a row (UAX #15, 13); a hostile million must not cost its square.
        private const int MaxMarks = 64;

        private readonly FrozenDictionary<char, (char First, char Second)> _decompositions;
        private readonly FrozenDictionary<uint, char> _compositions;
        private readonly FrozenSet<char> _seconds;
        private readonly byte[] _classes = new byte[char.MaxValue + 1];

        public Tables()
        {
            var decompositions = new Dictionary<char, (char, char)>();
            var compositions = new Dictionary<uint, char>();
            ReadPairs(CanonicalTables.Pairs, decompositions, compositions);
            ReadPairs(CanonicalTables.PairsNeverComposed, decompositions, compositions: null);
            for (int at = 0; at < CanonicalTables.Singles.Length; at += 2)
            {
                decompositions[CanonicalTables.Singles[at]] = (CanonicalTables.Singles[at + 1], '\0');
            }

            for (int at = 0; at < CanonicalTables.CombiningClasses.Length; at += 3)
            {
                int from = CanonicalTables.CombiningClasses[at];
                int count = CanonicalTables.CombiningClasses[at + 1] - from + 1;
                _classes.AsSpan(from, count).Fill((byte)CanonicalTables.CombiningClasses[at + 2]);
            }

            _decompositions = decompositions.ToFrozenDictionary();
            _compositions = compositions.ToFrozenDictionary();
            _seconds = compositions.Keys.Select(pair => (char)pair).ToFrozenSet();
        }

        /// <summary>False where every character stands for itself and none can join its neighbour.</summary>
        public bool MayChange(ReadOnlySpan<char> text)
        {
            foreach (char character in text)
            {
                if (character >= FirstThatMatters && (_classes[character] != 0 || JoinsBackwards(character)
                    || (_decompositions.ContainsKey(character) && !IsStable(character))))
                {
                    return true;
                }
            }

            return false;
        }

        public void Decompose(char character, List<char> into)
        {
            int syllable = character - HangulBase;
            if (syllable is >= 0 and < LeadCount * VowelCount * TailCount)
            {
                into.Add((char)(LeadBase + (syllable / (VowelCount * TailCount))));
                into.Add((char)(VowelBase + (syllable % (VowelCount * TailCount) / TailCount)));
                if (syllable % TailCount != 0)
                {
                    into.Add((char)(TailBase + (syllable % TailCount)));
                }
            }
            else if (_decompositions.TryGetValue(character, out var parts))
            {
                Decompose(parts.First, into);   // at most four deep: the database's own longest chain
                if (parts.Second != '\0')
                {
                    into.Add(parts.Second);
                }
            }
            else
            {
                into.Add(character);
            }
        }

        /// <summary>Marks on one letter stand in the order of their classes; equal classes keep theirs.</summary>
        public void Order(List<char> text)
        {
            for (int at = 1; at < text.Count; at++)
            {
                byte own = _classes[text[at]];
                for (int back = at; own != 0 && back > 0 && at - back < MaxMarks && _classes[text[back - 1]] > own; back--)
                {
                    (text[back - 1], text[back]) = (text[back], text[back - 1]);
                }
            }
        }

        public string Compose(List<char> text)
        {
            int written = 0;
            int starter = -1;
            int lastClass = 0;
            for (int at = 0; at < text.Count; at++)
            {
                char character = text[at];
                int own = _classes[character];
                bool blocked = starter >= 0 && written - starter > 1 && lastClass >= own;
                if (starter >= 0 && !blocked && TryJoin(text[starter], character, out char joined))
                {
                    text[starter] = joined;
                    continue;
                }

                if (own == 0)
                {
                    starter = written;
                }

                lastClass = own;
                text[written++] = character;
            }

            return new string(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(text)[..written]);
        }

        private static void ReadPairs(string data, Dictionary<char, (char, char)> decompositions, Dictionary<uint, char>? compositions)
        {
            for (int at = 0; at < data.Length; at += 3)
            {
                decompositions[data[at]] = (data[at + 1], data[at + 2]);
                compositions?.Add(Key(data[at + 1], data[at + 2]), data[at]);
            }
        }

        private static uint Key(char first, char second) => ((uint)first << 16) | second;

        private bool JoinsBackwards(char character) =>
            _seconds.Contains(character) || character is (>= '\u1161' and <= '\u1175') or (> '\u11A7' and <= '\u11C2');

        private bool IsStable(char composite) =>
            _decompositions[composite] is { Second: not '\0' } parts && _compositions.ContainsKey(Key(parts.First, parts.Second));

        private bool TryJoin(char first, char second, out char joined)
        {
            int lead = first - LeadBase;
            int vowel = second - VowelBase;
            if (lead is >= 0 and < LeadCount && vowel is >= 0 and < VowelCount)
            {
                joined = (char)(HangulBase + (((lead * VowelCount) + vowel) * TailCount));
                return true;
            }

            int syllable = first - HangulBase;
            int tail = second - TailBase;
            if (syllable is >= 0 and < LeadCount * VowelCount * TailCount && syllable % TailCount == 0 && tail is > 0 and < TailCount)
            {
                joined = (char)(first + tail);
                return true;
            }

            return _compositions.TryGetValue(Key(first, second), out joined);
        }
    }
}
