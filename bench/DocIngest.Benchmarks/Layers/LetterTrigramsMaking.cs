using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using DocIngest.Benchmarks.Measuring;

namespace DocIngest.Benchmarks.Layers;

/// <summary>
/// Prints the table of <c>Extraction/Layers/LetterTrigrams.Table.cs</c>: how frequent runs of three letters are in European languages, from
/// the models of the package SearchPioneer.Lingua (<c>--models</c>: its folder <c>LanguageModels</c>).
/// </summary>
internal static class LetterTrigramsMaking
{
    private const int Letters = 26;
    private const int CharactersPerLine = 140;
    private static readonly string[] Languages =
    [
        "ca", "cs", "cy", "da", "de", "en", "es", "et", "eu", "fi", "fr", "ga", "hr", "hu", "is", "it", "lt", "lv", "nb", "nl", "pl", "pt", "ro", "sk", "sl",
        "sv", "tr",
    ];

    // Bits above which a run has the next level; chosen so that each level holds a fair share of running text.
    private static readonly double[] Bounds = [-1, 2, 4];

    public static Task<int> RunAsync(string[] args)
    {
        string models = Arguments.Text(args, "--models", Path.Combine(AppContext.BaseDirectory, "Lingua", "LanguageModels"));
        double[] frequency = new double[Letters * Letters * Letters];
        foreach (string language in Languages)
        {
            Add(Path.Combine(models, language), language == "en" ? 3 : 1, frequency);
        }

        double total = frequency.Sum();
        double[] bits = [.. frequency.Select(value => Math.Log2(Math.Max(value / total, 1e-9) * frequency.Length))];
        int[] levels = [.. bits.Select(value => Bounds.Count(bound => value > bound))];
        double[] levelBits = [.. Enumerable.Range(0, 4).Select(level => Mean(frequency, bits, levels, level))];
        double usual = Enumerable.Range(0, bits.Length).Sum(run => frequency[run] / total * levelBits[levels[run]]);
        Print(levels, levelBits, usual);
        return Task.FromResult(0);
    }

    private static void Add(string folder, int weight, double[] frequency)
    {
        var one = Read(folder, "unigrams");
        var two = Read(folder, "bigrams");
        double[] own = new double[frequency.Length];
        foreach (var (run, share) in Read(folder, "trigrams"))
        {
            // Each share is that of the last letter behind those before it.
            int[] letters = [.. run.Select(Fold)];
            if (letters.Min() >= 0)
            {
                own[(((letters[0] * Letters) + letters[1]) * Letters) + letters[2]] += share * two.GetValueOrDefault(run[..2]) * one.GetValueOrDefault(run[..1]);
            }
        }

        double sum = own.Sum();
        for (int run = 0; run < own.Length; run++)
        {
            frequency[run] += weight * own[run] / sum;
        }
    }

    private static Dictionary<string, double> Read(string folder, string name)
    {
        using var file = new BrotliStream(File.OpenRead(Path.Combine(folder, $"{name}.json.br")), CompressionMode.Decompress);
        using var json = JsonDocument.Parse(file);
        var shares = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var share in json.RootElement.GetProperty("ngrams").EnumerateObject())
        {
            double[] parts = [.. share.Name.Split('/').Select(part => double.Parse(part, CultureInfo.InvariantCulture))];
            foreach (string run in share.Value.GetString()!.Split(' '))   // a list of runs by the format of these models
            {
                shares[run] = parts[0] / parts[1];
            }
        }

        return shares;
    }

    // Rare runs are worth what they are in text, not in the table: a mean over the frequencies, and for what never comes over the runs.
    private static double Mean(double[] frequency, double[] bits, int[] levels, int level)
    {
        int[] runs = [.. Enumerable.Range(0, bits.Length).Where(run => levels[run] == level)];
        return level == 0 ? Math.Max(-6, runs.Average(run => bits[run])) : runs.Sum(run => frequency[run] * bits[run]) / runs.Sum(run => frequency[run]);
    }

    private static void Print(int[] levels, double[] levelBits, double usual)
    {
        byte[] table = new byte[(levels.Length + 3) / 4];
        for (int run = 0; run < levels.Length; run++)
        {
            table[run >> 2] |= (byte)(levels[run] << (2 * (run & 3)));
        }

        var lines = Convert.ToBase64String(table).Chunk(CharactersPerLine).Select(line => $"        \"{new string(line)}\"");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"UsualBits = {usual:N2}; LevelBits = [{string.Join(", ", levelBits.Select(bits => bits.ToString("N2", CultureInfo.InvariantCulture)))}]"));
        Console.WriteLine(string.Join(" +\n", lines));
    }

    private static int Fold(char character)
    {
        char plain = character switch
        {
            'ß' => 's', 'æ' => 'a', 'œ' => 'o', 'ø' => 'o', 'ð' or 'đ' => 'd', 'þ' => 't', 'ł' => 'l', 'ı' => 'i',
            _ => character.ToString().Normalize(NormalizationForm.FormD)[0],
        };
        return plain is >= 'a' and <= 'z' ? plain - 'a' : -1;
    }
}
