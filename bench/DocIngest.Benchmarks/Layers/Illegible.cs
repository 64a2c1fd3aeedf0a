using System.Text;

namespace DocIngest.Benchmarks.Layers;

/// <summary>Makes legible text what bad layers hold. Seeded: the same text becomes the same junk.</summary>
internal static class Illegible
{
    private const string Specks = "|~^_{}\\;:'`.,!il1I0O()[]<>*=-\u00A2\u00A7\u00AB\u00BB\u25A0";
    private const string Alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    /// <summary>How a layer is spoilt; the share that has to be noticed (0: for information).</summary>
    public static IReadOnlyList<(string Name, double Bar, Func<string, Random, string> Spoil)> Kinds { get; } =
    [
        ("letters shifted in the alphabet", 0.98, Shifted),
        ("letters exchanged for others", 0.98, Exchanged),
        ("numbers of glyphs as characters (29 less)", 0.98, (text, _) => Each(text, letter => letter is > ' ' and < '\u007F' ? (char)(letter - 29) : letter)),
        ("private-use characters", 0.98, (text, _) => Each(text, letter => letter is > ' ' and < '\u007F' ? (char)(0xF000 + letter) : letter)),
        ("characters of all scripts at random", 0.98, (text, random) => Each(text, letter => letter > ' ' ? (char)(0x100 + random.Next(0x3000)) : letter)),
        ("letters of each word shuffled", 0.95, ShuffledWords),
        ("letters of the page shuffled", 0.98, ShuffledPage),
        ("every letter spaced", 0.98, (text, _) => string.Concat(text.Select(letter => char.IsWhiteSpace(letter) ? $"{letter}" : $"{letter} "))),
        ("bad OCR: every third character wrong", 0.95, (text, random) => Misread(text, random, 0.35)),
        ("bad OCR: every fifth wrong", 0.5, (text, random) => Misread(text, random, 0.2)),
        ("poor OCR: every tenth wrong", 0, (text, random) => Misread(text, random, 0.1)),
        (Utf8AsLatin1, 0.9, (text, _) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text))),
    ];

    /// <summary>Says something only of pages with other letters than those of ASCII.</summary>
    public const string Utf8AsLatin1 = "UTF-8 read as ISO 8859-1";

    private static string Each(string text, Func<char, char> change) => string.Concat(text.Select(change));

    private static string Shifted(string text, Random random)
    {
        int by = random.Next(3, 23);
        return Each(text, letter => Letter(letter, place => (place + by) % 26));
    }

    private static string Exchanged(string text, Random random)
    {
        int[] places = [.. Enumerable.Range(0, 26)];
        random.Shuffle(places);
        return Each(text, letter => Letter(letter, place => places[place]));
    }

    private static char Letter(char letter, Func<int, int> place) => letter switch
    {
        >= 'a' and <= 'z' => (char)('a' + place(letter - 'a')),
        >= 'A' and <= 'Z' => (char)('A' + place(letter - 'A')),
        _ => letter,
    };

    private static string ShuffledWords(string text, Random random)
    {
        var shuffled = new StringBuilder(text.Length);
        for (int at = 0; at < text.Length;)
        {
            int start = at;
            while (at < text.Length && char.IsLetter(text[at]))
            {
                at++;
            }

            char[] word = text[start..at].ToCharArray();
            random.Shuffle(word);
            shuffled.Append(word);
            if (at < text.Length)
            {
                shuffled.Append(text[at++]);
            }
        }

        return shuffled.ToString();
    }

    private static string ShuffledPage(string text, Random random)
    {
        char[] letters = [.. text.Where(char.IsLetter)];
        random.Shuffle(letters);
        int next = 0;
        return Each(text, letter => char.IsLetter(letter) ? letters[next++] : letter);
    }

    private static string Misread(string text, Random random, double share)
    {
        var read = new StringBuilder(text.Length);
        foreach (char letter in text)
        {
            if (char.IsWhiteSpace(letter) || random.NextDouble() > share)
            {
                read.Append(letter);
            }
            else if (random.Next(2) == 0)
            {
                read.Append(Alphanumeric[random.Next(Alphanumeric.Length)]);
            }
            else
            {
                read.Append(random.Next(4) == 0 ? " " : "").Append(Specks[random.Next(Specks.Length)]);
            }
        }

        return read.ToString();
    }
}
