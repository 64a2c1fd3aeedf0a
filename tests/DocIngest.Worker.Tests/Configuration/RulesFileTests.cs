using DocIngest.TestKit;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.Tests.Configuration;

public sealed class RulesFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void All_faults_are_listed_at_once_with_path_value_and_the_word_that_was_meant()
    {
        RulesFile.Read(
            """
            {
              // comments are welcome
              "rule": [],
              "rules": [
                { "name": "two words", "when": [ { "in": "txt", "phrase": "x" }, { "phrse": "x" } ], "recordClass": "Big" },
                { "name": "b", "fields": [ { "name": "patientId", "type": "identifier", "checkDigit": "luhm", "regex": "(" } ], "tags": "x" },
                { "name": "c", "title": "of {patientID}", "when": [ { "regex": "[", "mostSlips": 9 } ] }
              ],
              "ruleLimit": "fast"
            }
            """,
            _folder.Path, ["default"], out var faults);
        Assert.Equal(
            [
                "rule", "rules[0].name", "rules[0].when[0].in", "rules[0].when[1].phrse", "rules[0].recordClass",
                "rules[1].fields[0].checkDigit", "rules[1].tags", "rules[2].when[0].mostSlips", "ruleLimit",
                "rules[1].fields[0].regex", "rules[2].when[0].regex", "rules[2].title",
            ],
            faults.Select(fault => fault.Path));
        Assert.Contains("Did you mean \"rules\"?", Message("rule"), StringComparison.Ordinal);
        Assert.Contains("Did you mean \"phrase\"?", Message("rules[0].when[1].phrse"), StringComparison.Ordinal);
        Assert.Contains("one of \"text\", \"fileName\", \"folder\", \"barCode\", \"metadata\", not \"txt\"", Message("rules[0].when[0].in"), StringComparison.Ordinal);
        Assert.Contains("Did you mean \"patientId\"?", Message("rules[2].title"), StringComparison.Ordinal);

        string Message(string path) => faults.Single(fault => fault.Path == path).Message;
    }

    [Fact]
    public void The_default_file_may_be_absent_a_named_one_may_not()
    {
        var options = new DocIngestOptions();
        Assert.Equal(0, RulesFile.Load(_folder["docingest.json"], options).RuleCount);
        options.Classification.Rules = "more/rules.json";
        var error = Assert.Throws<ConfigException>(() => RulesFile.Load(_folder["docingest.json"], options));
        Assert.Equal(_folder["more/rules.json"], error.File);
        File.WriteAllText(_folder["rules.json"], """{ "rules": [ { "name": "a", "tags": [ "x" ] } ] }""");
        options.Classification.Rules = null;
        Assert.Equal(1, RulesFile.Load(_folder["docingest.json"], options).RuleCount);
    }
}
