using System.Reflection;
using System.Text;
using DocIngest.Backup.Checks;

namespace DocIngest.Backup.Tests.Checks;

/// <summary>Codes are for ever, and the operator's table is the program's own.</summary>
public sealed class FindingRulesTests
{
    private const string Begin = "<!-- rules: DOCINGEST_UPDATE=1 writes them -->\n";

    [Fact]
    public void Every_rule_is_in_the_list_once()
    {
        var rules = typeof(FindingRules).GetProperties(BindingFlags.Public | BindingFlags.Static)
            .Where(property => property.PropertyType == typeof(FindingRule))
            .Select(property => (FindingRule)property.GetValue(null)!)   // static properties that are set at once
            .ToList();
        Assert.Equal(rules.OrderBy(rule => rule.Code), FindingRules.All);
        Assert.Equal(rules.Count, rules.Select(rule => rule.Code).Distinct().Count());
        Assert.All(rules, rule => Assert.Matches("^B0[1-9][0-9]$", rule.Code));
    }

    [Fact]
    public void Every_rule_says_what_to_do() => Assert.All(FindingRules.All, rule =>
    {
        Assert.EndsWith(".", rule.Advice, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\.$", rule.Means);
    });

    [Fact]
    public void The_table_for_operators_is_the_programs_own()
    {
        var table = new StringBuilder("| code | severity | means | do |\n| --- | --- | --- | --- |\n");
        foreach (var rule in FindingRules.All)
            table.Append($"| {rule.Code} | {rule.Severity} | {rule.Means} | {rule.Advice} |\n");
        string file = Path.Combine(Checkout(), "docs/operations/backup-findings.md");
        string text = File.ReadAllText(file).ReplaceLineEndings("\n");
        int at = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        Assert.True(at >= Begin.Length);
        if (Environment.GetEnvironmentVariable("DOCINGEST_UPDATE") is { Length: > 0 })
            File.WriteAllText(file, text[..at] + table);
        Assert.Equal(table.ToString(), File.ReadAllText(file).ReplaceLineEndings("\n")[at..]);
    }

    /// <summary>A rule that no test breaks would be a promise nobody keeps.</summary>
    [Fact]
    public void Every_rule_is_broken_by_a_test()
    {
        string tests = string.Concat(Directory.EnumerateFiles(Path.Combine(Checkout(), "tests/DocIngest.Backup.Tests/Checks"), "*.cs").Select(File.ReadAllText));
        Assert.Empty(FindingRules.All.Where(rule => !tests.Contains($"\"{rule.Code}\"")).Select(rule => rule.Code));
    }

    private static string Checkout()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "DocIngest.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException("The tests do not run within a checkout.");
    }
}
