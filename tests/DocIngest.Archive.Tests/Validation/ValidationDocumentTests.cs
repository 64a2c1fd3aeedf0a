using System.Text;
using DocIngest.Archive.Validation;

namespace DocIngest.Archive.Tests.Validation;

/// <summary>The tables for operators are the program's own: DOCINGEST_UPDATE=1 writes them, to be reviewed as code.</summary>
public sealed class ValidationDocumentTests
{
    [Fact]
    public void Every_rule_is_in_the_list_once_and_says_what_it_asks_for()
    {
        Assert.Equal(107 + 15 + 4, ValidationRules.All.Count);
        Assert.Equal(ValidationRules.All.Count, ValidationRules.All.Select(rule => rule.Code).Distinct().Count());
        Assert.All(ValidationRules.All, rule =>
        {
            Assert.Matches("^[EWB][01][0-9]{2}$", rule.Code);
            Assert.EndsWith(".", rule.Text, StringComparison.Ordinal);
            Assert.Equal(rule.Code[0] == 'W', rule.Severity == FindingSeverity.Warning);
        });
    }

    [Fact]
    public void The_table_of_rules_is_the_programs_own()
    {
        var table = new StringBuilder("| code | severity | rule |\n| --- | --- | --- |\n");
        foreach (var rule in ValidationRules.All)
        {
            string text = rule.WhyNeverFound is { } why ? $"({rule.Text} {char.ToUpperInvariant(why[0])}{why[1..]}.)" : rule.Text;
            string code = rule.SpecLink is { } link ? $"[{rule.Code}]({link})" : rule.Code;
            table.Append($"| {code} | {rule.Severity.ToString().ToLowerInvariant()} | {text} |\n");
        }

        Compare("rules", table.ToString());
    }

    [Fact]
    public void No_code_of_ours_means_two_things()
    {
        var others = typeof(FindingCodes).GetFields().Select(field => (string?)field.GetRawConstantValue() ?? "").ToList();
        Assert.Contains("B007", others);
        Assert.Equal(others.Count, others.Distinct().Count());
        Assert.Empty(others.Intersect(ValidationRules.All.Select(rule => rule.Code)));
    }

    private static void Compare(string name, string table) => GeneratedTable.Compare("docs/formats/archive-validation.md", name, table);
}
