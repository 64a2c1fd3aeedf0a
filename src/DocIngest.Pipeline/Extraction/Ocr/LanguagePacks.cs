namespace DocIngest.Pipeline.Extraction.Ocr;

/// <summary>Tesseract's names of languages: those of ISO 639-2, where people and profiles write those of ISO 639-1.</summary>
internal static class LanguagePacks
{
    private static readonly Dictionary<string, string> Packs = new(StringComparer.OrdinalIgnoreCase)
    {
        ["af"] = "afr", ["ar"] = "ara", ["be"] = "bel", ["bg"] = "bul", ["ca"] = "cat", ["cs"] = "ces", ["cy"] = "cym", ["da"] = "dan",
        ["de"] = "deu", ["el"] = "ell", ["en"] = "eng", ["es"] = "spa", ["et"] = "est", ["eu"] = "eus", ["fa"] = "fas", ["fi"] = "fin",
        ["fr"] = "fra", ["ga"] = "gle", ["he"] = "heb", ["hi"] = "hin", ["hr"] = "hrv", ["hu"] = "hun", ["is"] = "isl", ["it"] = "ita",
        ["ja"] = "jpn", ["ko"] = "kor", ["la"] = "lat", ["lt"] = "lit", ["lv"] = "lav", ["nb"] = "nor", ["nl"] = "nld", ["no"] = "nor",
        ["pl"] = "pol", ["pt"] = "por", ["ro"] = "ron", ["ru"] = "rus", ["sk"] = "slk", ["sl"] = "slv", ["sq"] = "sqi", ["sr"] = "srp",
        ["sv"] = "swe", ["tr"] = "tur", ["uk"] = "ukr", ["vi"] = "vie", ["zh"] = "chi_sim",
    };

    /// <summary>The packs of some languages. A name that is not in ISO 639-1 is taken for a pack's own.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<string> languages) => [.. languages.Select(language => Packs.GetValueOrDefault(language, language))];
}
