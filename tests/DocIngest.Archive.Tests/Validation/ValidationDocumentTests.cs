using System.Runtime.CompilerServices;
using System.Text;
using DocIngest.Archive.Validation;
using DocIngest.Storage;

namespace DocIngest.Archive.Tests.Validation;

/// <summary>The tables for operators are the program's own: DOCINGEST_UPDATE=1 writes them, to be reviewed as code.</summary>
public sealed class ValidationDocumentTests
{
    private static readonly string Document = Path.Combine(Checkout(), "docs/formats/archive-validation.md");

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
    public async Task The_table_of_fixtures_is_what_is_found()
    {
        using var volumes = new LocalVolumes(Durability.File);
        var table = new StringBuilder("| specification | fixture | found |\n| --- | --- | --- |\n");
        foreach (string spec in (string[])["1.0", "1.1"])
        {
            foreach (string path in ((string[])["good", "warn", "bad"]).SelectMany(kind => OfficialFixtures.Objects(spec, $"{kind}-objects")))
            {
                var report = await OcflValidator.ValidateAsync(
                    volumes.Open(path), new ValidationOptions { Settle = TimeSpan.Zero }, cancellation: TestContext.Current.CancellationToken);
                table.Append($"| {spec} | {Path.GetFileName(path)} | {OfficialFixtures.Codes(report)} |\n");
            }
        }

        Compare("fixtures", table.ToString());
    }

    private static void Compare(string name, string table)
    {
        string text = File.ReadAllText(Document).ReplaceLineEndings("\n");
        string begin = $"<!-- {name}: DOCINGEST_UPDATE=1 writes them -->\n";
        int from = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        int to = text.IndexOf($"<!-- end of {name} -->", StringComparison.Ordinal);
        Assert.True(from >= begin.Length && to >= from);
        if (Environment.GetEnvironmentVariable("DOCINGEST_UPDATE") is { Length: > 0 })
        {
            File.WriteAllText(Document, text[..from] + table + text[to..]);
        }
        else
        {
            Assert.Equal(table, text[from..to]);
        }
    }

    private static string Checkout([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "../../.."));   // a source file always lies in a folder
}
