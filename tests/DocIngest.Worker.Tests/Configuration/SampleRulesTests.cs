using System.Text.RegularExpressions;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Records;
using DocIngest.TestKit;
using DocIngest.Worker.Configuration;
using DocIngest.Worker.Tests.Promises;

namespace DocIngest.Worker.Tests.Configuration;

/// <summary>What the sample rules make of real words: sections "Allergy" of clinical notes (mts-dialog).</summary>
public sealed partial class SampleRulesTests
{
    private static readonly string[] Denials =
    [
        "No known drug allergies.", "No allergies.", "No drug allergies.", "No known allergies.", "No known medical allergies.", "None.", "None known.", "None known to medications.",
        "He has no allergies.", "He has no known drug allergies.", "He has no known medicine allergies.", "She has no known drug allergies.", "She has no known medical allergies.",
        "Denies any drug allergies", "There are no known allergies.", "There were no known drug allergies.", "There is no known drug intolerance in the past.",
    ];

    private static readonly Classifier Classifier = new(
        RulesFile.Read(Checkout.Read("config/rules.json"), Path.Combine(Checkout.Path, "config"), ["ward-scanner", "laboratory"], out _) ?? RuleSet.Empty,
        new LanguageDetector([]), TimeProvider.System);

    [Fact]
    public void Every_allergy_under_a_heading_is_flagged_and_no_plain_denial_is()
    {
        var sections = Sections();
        var told = sections.Where(section => !Denials.Contains(section)).ToList();
        Assert.InRange(told.Count, 15, 30);
        Assert.All(told, section => Assert.True(IsFlagged($"Allergies: {section}"), section));
        Assert.All(told, section => Assert.True(IsFlagged($"MEDICATIONS:\nNone.\n\nALLERGIES\n{section}\n\nPLAN:\nFollow up."), section));
        Assert.InRange(sections.Count - told.Count, 40, 60);
        Assert.All(sections.Except(told), section => Assert.False(IsFlagged($"Allergies: {section}"), section));
    }

    [Theory]
    [InlineData("ALLERGIES: Penicillin, sulfa.")]
    [InlineData("No known allergies in childhood. Now allergic to penicillin, severe anaphylaxis.")]
    [InlineData("Allergies: no known drug allergies except penicillin.")]
    [InlineData("Allergies: NKDA, but rash from latex.")]
    [InlineData("Drug allergies: sulfa")]
    [InlineData("Allergies (drug): codeine")]
    [InlineData("Allergien: Penicillin")]
    [InlineData("Allergie gegen Latex")]
    [InlineData("no known allergies to latex; allergy to nuts")]
    public void What_must_catch_the_eye_does(string text) => Assert.True(IsFlagged(text));

    [Theory]
    [InlineData("Allergies: NKDA")]
    [InlineData("Allergies:\nNone known\nMedications: aspirin")]
    [InlineData("Allergien: keine bekannt.")]
    [InlineData("He has no known allergies to latex.")]
    [InlineData("Seasonal complaints of the eyes.")]
    public void What_is_denied_does_not(string text) => Assert.False(IsFlagged(text));

    private static bool IsFlagged(string text) => Classifier.Classify(new DocumentFacts
    {
        Profile = "ward-scanner",
        FileName = "note.pdf",
        ReceivedAt = new DateTimeOffset(2026, 5, 20, 9, 0, 0, TimeSpan.Zero),
        Text = new DocumentText([new PageText(1, text, TextSource.Layer)]),
    }) is { Flags: var flags } && flags.Contains("allergy");

    private static List<string> Sections() =>
    [
        .. Corpora.Files("mts-dialog/Main-Dataset", "*.csv").SelectMany(file => AllergySection().Matches(File.ReadAllText(file).ReplaceLineEndings("\n")))
            .Select(match => (match.Groups["quoted"].Value + match.Groups["plain"].Value).Replace("\"\"", "\"", StringComparison.Ordinal).Trim()),
    ];

    [GeneratedRegex("^[0-9]+,ALLERGY,(\"(?<quoted>([^\"]|\"\")*)\"|(?<plain>[^,\"\n]*)),", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex AllergySection();
}
