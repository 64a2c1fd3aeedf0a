using System.Text;
using DocIngest.Pipeline.Records;
using Lingua;

namespace DocIngest.Pipeline.Classification;

/// <summary>Detects in which of a few languages a document is.</summary>
/// <remarks>
/// One detector for the languages of all profiles, made when a document first needs it: with it the process has 30 MB more and the first
/// document takes a tenth of a second, each further one a millisecond. Trigrams alone, which a paragraph of text is enough for; with longer
/// n-grams it would be 130 MB to 150 MB more (measured with two languages).
/// </remarks>
public sealed class LanguageDetector
{
    // A millisecond's worth, and enough by far.
    private const int MostCharacters = 1_000;

    // Less is a heading or a number, which says nothing.
    private const int FewestLetters = 20;

    private static readonly Dictionary<string, Language> Known = new(StringComparer.Ordinal)
    {
        ["cs"] = Language.Czech,
        ["da"] = Language.Danish,
        ["de"] = Language.German,
        ["en"] = Language.English,
        ["es"] = Language.Spanish,
        ["fr"] = Language.French,
        ["it"] = Language.Italian,
        ["nb"] = Language.Bokmal,
        ["nl"] = Language.Dutch,
        ["pl"] = Language.Polish,
        ["pt"] = Language.Portuguese,
        ["sv"] = Language.Swedish,
    };

    private static readonly string Models = Path.Combine(AppContext.BaseDirectory, "Lingua", "LanguageModels");

    private readonly HashSet<string> _tags;
    private readonly Lazy<Lingua.LanguageDetector> _detector;

    /// <summary>Prepares a detector; nothing is loaded yet.</summary>
    /// <param name="languages">The languages of all profiles, as BCP 47 tags; others than <see cref="Tags"/> are passed over.</param>
    public LanguageDetector(IEnumerable<string> languages)
    {
        _tags = [.. languages.Where(Known.ContainsKey)];
        _detector = new(() => LanguageDetectorBuilder.FromLanguages([.. _tags.Select(tag => Known[tag])]).WithLanguageModelsDirectory(Models).WithLowAccuracyMode().Build());
    }

    /// <summary>One that is never asked.</summary>
    public static LanguageDetector None { get; } = new([]);

    /// <summary>The languages it can tell, as BCP 47 tags, sorted.</summary>
    public static IReadOnlyList<string> Tags { get; } = [.. Known.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The language of a document.</summary>
    /// <param name="text">Its text; the beginning is enough.</param>
    /// <param name="languages">Languages it may be in; of several, those count that the constructor was told. None: it is unknown. One: it is that.</param>
    /// <returns>A BCP 47 tag; null where it is unknown.</returns>
    public string? Detect(DocumentText text, IReadOnlyList<string> languages)
    {
        if (languages.Count < 2)
        {
            return languages.Count == 1 && text.Pages.Any(page => page.Text.Length > 0) ? languages[0] : null;
        }

        string beginning = Beginning(text);
        string[] possible = [.. languages.Where(_tags.Contains)];
        if (possible.Length < 2 || beginning.Count(char.IsLetter) < FewestLetters)
        {
            return null;
        }

        var weights = _detector.Value.ComputeLanguageConfidenceValues(beginning);
        return possible
            .Select(tag => (Tag: tag, Weight: weights.GetValueOrDefault(Known[tag])))
            .Where(pair => pair.Weight > 0)
            .OrderByDescending(pair => pair.Weight).Select(pair => pair.Tag).FirstOrDefault();
    }

    /// <summary>The text with the language of each page that has words enough to tell it by.</summary>
    /// <inheritdoc cref="Detect" path="/param" />
    public DocumentText WithLanguages(DocumentText text, IReadOnlyList<string> languages) =>
        new([.. text.Pages.Select(page => page with { Language = Detect(new DocumentText([page]), languages) })]);

    private static string Beginning(DocumentText text)
    {
        var beginning = new StringBuilder();
        foreach (var page in text.Pages)
        {
            int room = MostCharacters - beginning.Length;
            if (room <= 0)
            {
                break;
            }

            beginning.Append(page.Text.AsSpan(0, Math.Min(room, page.Text.Length))).Append('\n');
        }

        return beginning.ToString();
    }
}
