using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Fonts.Standard14Fonts;
using UglyToad.PdfPig.Writer;

namespace DocIngest.Benchmarks.Ingest;

/// <summary>
/// One-page letters drawn from a seed: about 250 words of a vocabulary of 20,000, compressed streams, Helvetica. The words are those of this
/// project's documentation, and pairs of them: invented ones are no language, and their text layers would be read anew by OCR.
/// </summary>
internal sealed partial class TextPages
{
    private const int Vocabulary = 20_000;
    private const int Words = 250;
    private const int WordsPerLine = 11;
    private const double FontSize = 11;
    private const double LineHeight = 16;
    private const double Left = 60;
    private const double Top = 760;
    private const string Documentation = "docs";   // from the top of the repository, as every benchmark is started

    private readonly string[] _words;

    public TextPages()
    {
        string[] words = [.. Directory.EnumerateFiles(Documentation, "*.md", SearchOption.AllDirectories)
            .SelectMany(file => PlainWord().Matches(File.ReadAllText(file)).Select(match => match.Value)).Distinct().Order(StringComparer.Ordinal)];
        var random = new Random(11);
        random.Shuffle(words);
        string Any() => words[random.Next(words.Length)];
        _words = [.. words.Take(Vocabulary), .. Enumerable.Range(0, Math.Max(0, Vocabulary - words.Length)).Select(_ => $"{Any()}-{Any()}")];
    }

    /// <summary>Writes that many files of one page into a folder that does not exist yet.</summary>
    public void Write(string folder, int count)
    {
        Directory.CreateDirectory(folder);
        Parallel.For(0, count, number => File.WriteAllBytes(Path.Combine(folder, $"letter-{number:000000}.pdf"), Page(number)));
    }

    /// <summary>One file; the same number gives the same words.</summary>
    public byte[] Page(int number)
    {
        var random = new Random(number);
        using var document = new PdfDocumentBuilder();
        document.DocumentInformation.Title = string.Create(CultureInfo.InvariantCulture, $"Letter {number}");
        var font = document.AddStandard14Font(Standard14Font.Helvetica);
        var page = document.AddPage(PageSize.A4);
        double y = Top;
        foreach (string line in Lines(number, random))
        {
            page.AddText(line, FontSize, new PdfPoint(Left, y), font);
            y -= LineHeight;
        }

        return document.Build();
    }

    private IEnumerable<string> Lines(int number, Random random)
    {
        yield return string.Create(CultureInfo.InvariantCulture, $"Letter {number} of patient P{random.Next(200_000):000000}");
        var line = new StringBuilder();
        for (int word = 1; word <= Words; word++)
        {
            line.Append(_words[(int)(Vocabulary * Math.Pow(random.NextDouble(), 3))]).Append(' ');   // some words often, most rarely
            if (word % WordsPerLine == 0 || word == Words)
            {
                yield return line.ToString().TrimEnd();
                line.Clear();
            }
        }
    }

    [GeneratedRegex(@"\b[a-z]{3,12}\b", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex PlainWord();
}
