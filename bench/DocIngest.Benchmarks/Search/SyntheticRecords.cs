using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using DocIngest.Archive;
using DocIngest.Pipeline.Catalog;
using DocIngest.Pipeline.Records;

namespace DocIngest.Benchmarks.Search;

/// <summary>
/// Records drawn from a seed: the n-th is always the same, whichever are drawn before it. Word frequencies follow Zipf's law;
/// words with a wanted frequency are planted on top.
/// </summary>
internal sealed class SyntheticRecords
{
    public const string Common = "befund";                       // in 30 % of records
    public const string OtherCommon = "therapie";                // in 30 %, independent of it
    public const string Left = "linksseitig";                    // in 30 %, only in even records …
    public const string Right = "rechtsseitig";                  // … and in 30 %, only in odd ones: they meet in five
    public const string Phrase = "arterielle hypertonie";        // in 5 %, each word alone in 10 % more
    public const string RarePrefix = "seltenwort";               // each in five records
    public const int RareWords = 500;
    public const int Patients = 200_000;
    public const int Wards = 40;

    public static readonly string[] Names = ["Müller", "Ångström", "Núñez", "Łukasiewicz", "Besançon"];   // each in 1 %
    public static readonly string[] Apostrophes = ["O'Brien", "D'Angelo", "O'Connor"];                    // each in 0.5 %
    public static readonly string[] Classes = ["discharge-letter", "lab-report", "imaging", "consent", "referral", "invoice", "nursing", "surgery"];

    private const int Vocabulary = 60_000;
    private const int SentenceWords = 12;
    private const int Meetings = 5;
    private static readonly DateTimeOffset First = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Span = TimeSpan.FromDays(6 * 365);

    private readonly int _count;
    private readonly string[] _words;
    private readonly double[] _cumulated;

    public SyntheticRecords(int count)
    {
        _count = count;
        var random = new Random(1);
        _words = [.. Enumerable.Range(0, Vocabulary * 2).Select(_ => DrawWord(random)).Distinct().Take(Vocabulary)];
        _cumulated = new double[_words.Length];
        double sum = 0;
        for (int rank = 0; rank < _words.Length; rank++)
        {
            _cumulated[rank] = sum += 1.0 / (rank + 2.7);   // Mandelbrot's shift: the first word does not drown the rest
        }
    }

    /// <summary>A word of the vocabulary; rank 0 is the most frequent.</summary>
    public string Word(int rank) => _words[rank];

    /// <summary>A phrase of two words that stand together in some record.</summary>
    public string PhraseOf(int number)
    {
        string[] words = Text(number, new Random(number)).Split((char[])[' ', '\n', '.'], StringSplitOptions.RemoveEmptyEntries);
        return $"{words[words.Length / 2]} {words[(words.Length / 2) + 1]}";
    }

    public static DateTimeOffset DateOf(double share) => First + (Span * share);

    public static string Patient(int number) => string.Create(CultureInfo.InvariantCulture, $"P{number:000000}");   // P alone, as a format, is percent

    public static string Ward(int number) => $"W{number:00}";

    public CatalogEntry Draw(int number)
    {
        var random = new Random(number);
        string text = Text(number, random);
        var id = IdOf(number, random);
        var digest = Sha512Digest.Of(Encoding.UTF8.GetBytes(text));
        var record = new RecordDocument
        {
            Id = id,
            ScanId = id,
            RecordClass = Classes[(int)(Classes.Length * Math.Pow(random.NextDouble(), 2))],
            Profile = "scanner-1",
            DocumentKey = $"D{number:0000000}",
            ReceivedAt = id.DrawnAt,
            FileName = $"scan_{number:0000000}.pdf",
            MediaType = "application/pdf",
            SizeBytes = 40_000 + random.Next(100_000),
            Sha512 = digest.Hex,
            TextStatus = random.Next(50) == 0 ? TextStatus.PendingOcr : TextStatus.Complete,
            Pages = new PageAccount(2, 2, 0, 0, 0),
            Fields = new SortedDictionary<string, string>(StringComparer.Ordinal)
            {
                ["case"] = $"C{number / 3:0000000}",
                ["patient"] = Patient(random.Next(Patients)),
                ["ward"] = Ward(random.Next(Wards)),
            },
            Tools = [new ToolVersion("PdfPig", "0.1.16")],
        };
        return new CatalogEntry(
            record,
            new DocumentText([new PageText(1, text[..(text.Length / 2)], TextSource.Layer), new PageText(2, text[(text.Length / 2)..], TextSource.Layer)]),
            [new RecordVersion(1, id.DrawnAt, "ingest", "docingest", null, digest)]);
    }

    private string Text(int number, Random random)
    {
        var words = new List<string>(160);
        int length = random.Next(100, 151);
        for (int at = 0; at < length; at++)
        {
            words.Add(Zipf(random));
        }

        void Plant(string word, double share)
        {
            if (random.NextDouble() < share)
            {
                words.Insert(random.Next(words.Count), word);
            }
        }

        Plant(Common, 0.3);
        Plant(OtherCommon, 0.3);
        Plant(number % 2 == 0 ? Left : Right, 0.6);
        Plant(Phrase, 0.05);
        Plant("arterielle", 0.1);
        Plant("hypertonie", 0.1);
        Plant($"{DateOf((number + random.NextDouble()) / _count):yyyy-MM-dd}", 1);
        Plant(Names[random.Next(Names.Length)], 0.05);
        Plant(Apostrophes[random.Next(Apostrophes.Length)], 0.015);
        if (number % (_count / Meetings) == 7)
        {
            Plant(Left, 1);
            Plant(Right, 1);
        }

        // Spread over the whole span: one rare word is met in every fifth of the years.
        int rareEvery = Math.Max(1, _count / 5);
        if (number % rareEvery < RareWords)
        {
            Plant($"{RarePrefix}{number % rareEvery}", 1);
        }

        var text = new StringBuilder(words.Count * 9);
        for (int at = 0; at < words.Count; at++)
        {
            text.Append(words[at]).Append(at % SentenceWords == SentenceWords - 1 ? ".\n" : " ");
        }

        return text.ToString();
    }

    private string Zipf(Random random)
    {
        int at = Array.BinarySearch(_cumulated, random.NextDouble() * _cumulated[^1]);
        return _words[Math.Min(at < 0 ? ~at : at, _words.Length - 1)];
    }

    private static string DrawWord(Random random)
    {
        const string Consonants = "bcdfghklmnprstvwz";
        const string Vowels = "aeiou";
        var word = new StringBuilder();
        for (int syllable = random.Next(2, 5); syllable > 0; syllable--)
        {
            word.Append(Consonants[random.Next(Consonants.Length)]).Append(Vowels[random.Next(Vowels.Length)]);
        }

        return word.Append(random.Next(3) == 0 ? Consonants[random.Next(Consonants.Length)].ToString() : "").ToString();
    }

    private RecordId IdOf(int number, Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        ulong milliseconds = (ulong)DateOf((double)number / _count).ToUnixTimeMilliseconds();
        BinaryPrimitives.WriteUInt64BigEndian(bytes, (milliseconds << 16) | 0x7000 | (uint)random.Next(256));
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new RecordId(new Guid(bytes, bigEndian: true));
    }
}
