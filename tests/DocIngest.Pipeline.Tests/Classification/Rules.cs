using System.Text.Json;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Tests.Classification;

/// <summary>Builds rules and documents; state only what matters.</summary>
internal static class Rules
{
    public static readonly DateTimeOffset Received = new(2026, 5, 20, 9, 0, 0, TimeSpan.Zero);

    public static RuleOptions Rule(string name, params FieldOptions[] fields) => new() { Name = name, Fields = fields };

    public static FieldOptions Field(string name, FieldType type, params string[] labels) => new() { Name = name, Type = type, Labels = labels };

    public static RuleSet Set(params RuleOptions[] rules) => Build(new RulesOptions { Rules = rules });

    public static RuleSet Build(RulesOptions options, string folder = "/nowhere")
    {
        var rules = RuleSet.Build(options, folder, ["default", "ward"], out var faults);
        Assert.True(rules is not null, string.Join('\n', faults));
        return rules ?? RuleSet.Empty;
    }

    public static DocumentFacts Document(params string[] pages) => new()
    {
        Profile = "default",
        FileName = "scan.pdf",
        ReceivedAt = Received,
        Text = new DocumentText([.. pages.Select((text, index) => new PageText(index + 1, text, TextSource.Layer))]),
    };

    public static DocumentClass Classify(this RuleSet rules, DocumentFacts facts, bool traces = false) =>
        new Classifier(rules, LanguageDetector.None, TimeProvider.System).Classify(facts, traces);

    public static string Json<T>(T value) => JsonSerializer.Serialize(value);
}
