using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Tests.Classification;

public sealed class LanguageDetectorTests
{
    private static readonly Dictionary<string, string> Texts = new()
    {
        ["cs"] = "Pacient byl přijat pro bolesti na hrudi a po vyšetření byl propuštěn domů.",
        ["da"] = "Patienten blev indlagt med smerter i brystet og blev udskrevet efter undersøgelsen.",
        ["de"] = "Der Patient wurde wegen Brustschmerzen aufgenommen und nach der Untersuchung entlassen.",
        ["en"] = "The patient was admitted with chest pain and was discharged home after the examination.",
        ["es"] = "El paciente ingresó por dolor en el pecho y fue dado de alta después del examen.",
        ["fr"] = "Le patient a été admis pour une douleur thoracique et est sorti après l'examen.",
        ["it"] = "Il paziente è stato ricoverato per dolore al petto ed è stato dimesso dopo la visita.",
        ["nb"] = "Pasienten ble innlagt med smerter i brystet og ble skrevet ut etter undersøkelsen.",
        ["nl"] = "De patiënt werd opgenomen met pijn op de borst en werd na het onderzoek ontslagen.",
        ["pl"] = "Pacjent został przyjęty z powodu bólu w klatce piersiowej i wypisany po badaniu.",
        ["pt"] = "O doente foi internado com dor no peito e teve alta depois do exame.",
        ["sv"] = "Patienten lades in med smärta i bröstet och skrevs ut efter undersökningen.",
    };

    private static readonly LanguageDetector Detector = new(LanguageDetector.Tags);

    public static TheoryData<string> Languages => new(LanguageDetector.Tags);

    [Theory]
    [MemberData(nameof(Languages))]
    public void A_sentence_tells_its_language(string language) =>
        Assert.Equal(language, Detector.Detect(Rules.Document(Texts[language]).Text, LanguageDetector.Tags));

    [Fact]
    public void Each_page_has_its_own()
    {
        string[] pages = [Texts["de"], "", "X-ray 7", Texts["fr"]];
        var text = new DocumentText([.. pages.Select((page, at) => new PageText(at + 1, page, TextSource.Layer))]);
        Assert.Equal(["de", null, null, "fr"], Detector.WithLanguages(text, ["de", "fr"]).Pages.Select(page => page.Language));
        Assert.Equal(["de", null, "de", "de"], Detector.WithLanguages(text, ["de"]).Pages.Select(page => page.Language));
    }

    [Fact]
    public void Only_the_profiles_languages_come_into_question() =>
        Assert.Contains(Detector.Detect(Rules.Document(Texts["nl"]).Text, ["en", "de"]), new[] { "en", "de" });

    [Theory]
    [InlineData("", "", null)]
    [InlineData("", "en", null)]
    [InlineData("any words", "", null)]
    [InlineData("any words", "de", "de")]
    [InlineData("X-ray 7", "en,de", null)]
    public void What_cannot_or_need_not_be_detected_is_not(string text, string languages, string? found) => Assert.Equal(
        found, new LanguageDetector([]).Detect(Rules.Document(text).Text, languages.Split(',', StringSplitOptions.RemoveEmptyEntries)));
}
