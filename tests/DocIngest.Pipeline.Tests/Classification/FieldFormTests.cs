using DocIngest.Pipeline.Classification;
using DocIngest.TestKit;

namespace DocIngest.Pipeline.Tests.Classification;

public sealed class FieldFormTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("patientId", "450 557 7104", "4505577104")]
    [InlineData("encounterId", " 12\u00A034 ", "1234")]
    [InlineData("documentDate", "16.05.2026", "2026-05-16")]
    [InlineData("documentDate", "May 16th, 2026", "2026-05-16")]
    [InlineData("documentDate", "20260516", "2026-05-16")]
    [InlineData("documentDate", "03/04/2026", "03/04/2026")]       // two days
    [InlineData("documentDate", "16.05.26", "16.05.26")]           // two centuries
    [InlineData("documentDate", "seen 16.05.2026", "seen 16.05.2026")]
    [InlineData("ward", " B  2 ", " B  2 ")]                       // nobody says what it holds
    [InlineData("patientId", "  ", "  ")]
    public void Without_rules_the_standard_names_have_types(string name, string written, string kept) =>
        Assert.Equal(kept, RuleSet.Empty.Normalise("default", name, written));

    [Theory]
    [InlineData("order", "LAB 1", "LAB1")]
    [InlineData("department", " Ward  3\tB", "Ward 3 B")]
    [InlineData("weight", "81,50", "81.50")]
    [InlineData("weight", "1.234", "1.234")]                       // two numbers
    [InlineData("diagnosis", "x223", "X22.3")]
    [InlineData("diagnosis", "none", "none")]
    [InlineData("kind", " a  b ", " a  b ")]                       // given by its rule, not looked for
    public void A_value_is_kept_as_the_first_rule_for_its_field_would(string name, string written, string kept)
    {
        File.WriteAllText(_folder["dx.csv"], "code,term\nX22.3,High pressure\n");
        var rules = Rules.Build(
            new RulesOptions
            {
                CodeLists = [new CodeListOptions { Name = "dx", File = "dx.csv" }],
                Rules =
                [
                    new RuleOptions { Name = "other", Profiles = ["ward"], Fields = [Rules.Field("order", FieldType.Text, "Order")] },
                    new RuleOptions
                    {
                        Name = "all",
                        Fields =
                        [
                            Rules.Field("order", FieldType.Identifier, "Order"), Rules.Field("department", FieldType.Text, "Ward"), Rules.Field("weight", FieldType.Number, "Weight"),
                            new FieldOptions { Name = "diagnosis", Type = FieldType.Code, CodeList = "dx" }, new FieldOptions { Name = "kind", Value = "x" },
                        ],
                    },
                ],
            },
            _folder.Path);
        Assert.Equal(kept, rules.Normalise("default", name, written));
        Assert.Equal(kept, rules.Normalise("default", name, kept));
        var sidecar = new Sidecar(null, null, new Dictionary<string, string> { [name] = written }, null);
        Assert.Equal(kept, new Classifier(rules, LanguageDetector.None, TimeProvider.System).Classify(Rules.Document("text") with { Sidecar = sidecar }).Fields[name]);
    }
}
