using DocIngest.Pipeline.Classification;
using DocIngest.TestKit;

namespace DocIngest.Pipeline.Tests.Classification;

public sealed class RuleSetTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_fault_is_listed_at_once_with_its_place()
    {
        File.WriteAllText(_folder["bad.csv"], "code,term\nA1,x\nA1,y\n");
        var options = new RulesOptions
        {
            CodeLists =
            [
                new CodeListOptions { Name = "gone", File = "gone.csv" },
                new CodeListOptions { Name = "bad", File = "bad.csv" },
                new CodeListOptions { Name = "bad", File = "bad.csv" },
                new CodeListOptions(),
            ],
            Rules =
            [
                new RuleOptions { Name = "a", Profiles = ["wards"] },
                new RuleOptions
                {
                    Name = "a",
                    When = [new ConditionOptions(), new ConditionOptions { Phrase = "x", Regex = "y" }, new ConditionOptions { Regex = "([" }],
                    WhenAny = [new ConditionOptions { Any = ["ok", "--"] }, new ConditionOptions { Fuzzy = "abc" }, new ConditionOptions { Phrase = "x", MostSlips = 1 }],
                    Unless = [new ConditionOptions { Phrase = "x", MetadataKey = "pdf:title", Symbology = "QR" }, new ConditionOptions { In = Place.FileName, Pages = 1, Phrase = "x" }],
                    Title = "Letter of {documentDat}",
                    Tags = [" "],
                    Flags = ["Allergy", "key-exists"],
                    DocumentKey = "{patientId}",
                },
                new RuleOptions
                {
                    Name = "b",
                    Title = "brace }",
                    DocumentKey = "fixed",
                    Fields =
                    [
                        new FieldOptions(),
                        new FieldOptions { Name = "x", Type = FieldType.Identifier },
                        new FieldOptions { Name = "x", Labels = ["."], Regex = "(" },
                        new FieldOptions { Name = "c", Type = FieldType.Code },
                        new FieldOptions { Name = "d", Type = FieldType.Code, CodeList = "bd" },
                        new FieldOptions { Name = "e", Value = "v", CodeList = "bad", CheckDigit = CheckDigitRule.Luhn, Pages = 1 },
                        new FieldOptions { Name = "f", Value = "31.01.2024", Type = FieldType.Date },
                        new FieldOptions { Name = "g", Value = "79927398710", Type = FieldType.Identifier, CheckDigit = CheckDigitRule.Luhn },
                    ],
                },
            ],
        };
        Assert.Null(RuleSet.Build(options, _folder.Path, ["ward", "default"], out var faults));
        Assert.Equal(
            [
                "codeLists[0].file", "codeLists[1].file", "codeLists[2].name", "codeLists[3].name", "codeLists[3].file",
                "rules[0].profiles[0]", "rules[0]",
                "rules[1].name", "rules[1].when[0]", "rules[1].when[1]", "rules[1].when[2].regex", "rules[1].whenAny[0].any[1]", "rules[1].whenAny[1].fuzzy",
                "rules[1].whenAny[2].mostSlips", "rules[1].unless[0].metadataKey", "rules[1].unless[0].symbology", "rules[1].unless[1].pages",
                "rules[1].title", "rules[1].tags[0]", "rules[1].flags[0]", "rules[1].flags[1]", "rules[1].documentKey",
                "rules[2].title", "rules[2].documentKey", "rules[2].fields[0].name", "rules[2].fields[0]", "rules[2].fields[1]", "rules[2].fields[2].name",
                "rules[2].fields[2].labels[0]", "rules[2].fields[2].regex", "rules[2].fields[3].codeList", "rules[2].fields[4].codeList",
                "rules[2].fields[5].value", "rules[2].fields[5].codeList", "rules[2].fields[5].checkDigit", "rules[2].fields[6].value", "rules[2].fields[7].value",
            ],
            faults.Select(fault => fault.Path));
        Assert.Contains("Did you mean \"ward\"?", Message(faults, "rules[0].profiles[0]"), StringComparison.Ordinal);
        Assert.Contains("Did you mean \"documentDate\"?", Message(faults, "rules[1].title"), StringComparison.Ordinal);
        Assert.Contains("Did you mean \"bad\"?", Message(faults, "rules[2].fields[4].codeList"), StringComparison.Ordinal);
        Assert.Contains("names one document", Message(faults, "rules[1].documentKey"), StringComparison.Ordinal);
        Assert.Contains("line 3 has the code \"A1\"", Message(faults, "codeLists[1].file"), StringComparison.Ordinal);
    }

    [Fact]
    public void It_knows_for_which_profiles_rules_give_keys()
    {
        var rules = Rules.Set(
            new RuleOptions { Name = "a", Profiles = ["ward"], DocumentKey = "{encounterId}" }, new RuleOptions { Name = "b", Tags = ["x"] });
        Assert.True(rules.MayGiveKey("ward"));
        Assert.False(rules.MayGiveKey("default"));
    }

    private static string Message(IEnumerable<RuleFault> faults, string path) => faults.Single(fault => fault.Path == path).Message;
}
