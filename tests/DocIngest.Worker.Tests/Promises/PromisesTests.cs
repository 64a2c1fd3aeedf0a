using System.CommandLine;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using DocIngest.Backup;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Retention;
using DocIngest.TestKit;
using DocIngest.Worker.CommandLine;
using DocIngest.Worker.Configuration;
using DocIngest.Worker.Hosting;
using Microsoft.Extensions.Logging;

namespace DocIngest.Worker.Tests.Promises;

/// <summary>What scripts, log rules and configurations of customers rely on changes only on purpose.</summary>
public sealed class PromisesTests
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    [Fact]
    public void The_command_line_is_as_it_was_promised()
    {
        var tree = new StringBuilder();
        Describe(DocIngestProgram.CreateRoot(), "", tree);
        Checkout.Approve("tests/golden/command-line.txt", tree.ToString());
    }

    [Fact]
    public void The_configuration_schema_in_docs_is_the_programs_own() =>
        Checkout.Approve("docs/formats/config.schema.json", ConfigSchema.Create().ToJsonString(Indented));

    [Fact]
    public void The_schema_of_the_rules_in_docs_is_the_programs_own() =>
        Checkout.Approve("docs/formats/rules.schema.json", ConfigSchema.CreateOfRules().ToJsonString(Indented));

    [Fact]
    public void The_schema_of_the_retention_schedule_in_docs_is_the_programs_own() =>
        Checkout.Approve("docs/formats/retention.schema.json", ConfigSchema.CreateOfRetention().ToJsonString(Indented));

    [Fact]
    public void The_sample_schedule_has_no_fault_and_calls_itself_a_sample()
    {
        string sample = Checkout.Read("config/retention.sample.json");
        var schedule = RetentionFile.Read(sample, [RecordDocument.BatchClass], out var faults);
        Assert.Empty(faults);
        Assert.True(schedule is { Classes.Count: > 10 });
        Assert.Contains("no legal advice", sample, StringComparison.Ordinal);
        Assert.All(schedule.Classes, one => Assert.StartsWith("SAMPLE, check before use: ", one.Mandate, StringComparison.Ordinal));
        Assert.All(schedule.Classes, one => Assert.Contains(one.Action, new[] { RetentionAction.Review, RetentionAction.Permanent }));
    }

    [Fact]
    public void Every_setting_of_the_schedule_and_every_trigger_is_explained()
    {
        string explained = Checkout.Read("docs/formats/retention.md");
        foreach (var type in new[] { typeof(RetentionOptions), typeof(RetentionClassOptions), typeof(EventKindOptions) })
        {
            foreach (var setting in ConfigReader.SettingsOf(type))
            {
                Assert.Contains($"`{ConfigReader.KeyOf(setting)}`", explained, StringComparison.Ordinal);
            }
        }

        foreach (string word in EventKind.BuiltIn.Select(kind => kind.Name).Concat(Enum.GetNames<RetentionAction>().Select(JsonNamingPolicy.CamelCase.ConvertName)))
        {
            Assert.Contains($"`{word}`", explained, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_setting_of_the_rules_is_explained()
    {
        string explained = Checkout.Read("docs/formats/rules.md");
        foreach (var type in new[] { typeof(RulesOptions), typeof(RuleOptions), typeof(ConditionOptions), typeof(FieldOptions), typeof(CodeListOptions) })
        {
            foreach (var setting in ConfigReader.SettingsOf(type))
            {
                Assert.Contains($"`{ConfigReader.KeyOf(setting)}`", explained, StringComparison.Ordinal);
            }
        }

        foreach (var word in Enum.GetNames<CheckDigitRule>().Concat(Enum.GetNames<FieldType>()).Concat(Enum.GetNames<Place>()))
        {
            Assert.Contains($"`{JsonNamingPolicy.CamelCase.ConvertName(word)}`", explained, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_sample_rules_have_no_fault()
    {
        var rules = RulesFile.Read(Checkout.Read("config/rules.json"), Path.Combine(Checkout.Path, "config"), ["ward-scanner", "laboratory"], out var faults);
        Assert.Empty(faults);
        Assert.True(rules is { RuleCount: > 5, CodeCount: > 30 });
    }

    [Fact]
    public void Every_log_event_is_listed_with_its_words()
    {
        string listed = Checkout.Read("docs/operations/events.md");
        var events = LogEvents().ToList();
        Assert.True(events.Count >= 20);
        Assert.Equal(events.Count, events.Select(entry => entry.EventId).Distinct().Count());
        foreach (var entry in events)
        {
            Assert.Contains($"| {entry.EventId} | {entry.Level} |", listed, StringComparison.Ordinal);
            Assert.Contains(entry.Message.Replace("|", "\\|"), listed, StringComparison.Ordinal);
        }

        Assert.Equal(events.Count, Regex.Count(listed, @"^\| \d{4} \|", RegexOptions.Multiline));
    }

    [Fact]
    public void No_log_event_takes_an_exception_whose_message_may_quote_a_document() =>
        Assert.DoesNotContain(LogMethods(), method => method.GetParameters().Any(parameter => parameter.ParameterType.IsAssignableTo(typeof(Exception))));

    [Fact]
    public void The_trace_of_an_error_has_types_and_stacks_and_no_message()
    {
        var error = Assert.Throws<InvalidOperationException>(Fail);
        string trace = ErrorTrace.Of(error);
        Assert.Contains("System.InvalidOperationException", trace, StringComparison.Ordinal);
        Assert.Contains("caused by System.IO.IOException", trace, StringComparison.Ordinal);
        Assert.Contains(nameof(Fail), trace, StringComparison.Ordinal);
        Assert.DoesNotContain("Roe", trace, StringComparison.Ordinal);

        static void Fail() => throw new InvalidOperationException("Jane Roe", new IOException("/scans/Roe.pdf"));
    }

    [Fact]
    public void Every_alarm_is_explained()
    {
        string explained = Checkout.Read("docs/operations/commands.md");
        foreach (var kind in Enum.GetValues<AlarmKind>())
        {
            Assert.Contains($"| `{kind.ToWord()}` |", explained, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Exit_codes_are_as_they_were_promised()
    {
        var codes = typeof(ExitCode).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (field.Name, (int)(field.GetRawConstantValue() ?? -1)));
        Assert.Equal(
            [("Done", 0), ("Findings", 1), ("Usage", 2), ("Partial", 3), ("Busy", 4), ("NotFound", 5), ("EnvironmentFailed", 6), ("Cancelled", 130)],
            codes);
    }

    [Fact]
    public void Every_failure_of_a_repository_has_an_exit_code()
    {
        var failures = typeof(BackupException).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(BackupException)) && !type.IsAbstract).ToList();
        Assert.True(failures.Count >= 10);
        foreach (var failure in failures)
        {
            int code = CommandErrors.ExitCodeOf((BackupException)RuntimeHelpers.GetUninitializedObject(failure));
            Assert.InRange(code, ExitCode.Findings, ExitCode.EnvironmentFailed);
        }
    }

    [Fact]
    public void Text_statuses_and_outcomes_are_the_promised_words()
    {
        Assert.Equal(
            "complete partial none pending-ocr encrypted damaged timeout crashed too-large",
            string.Join(' ', Enum.GetValues<TextStatus>().Select(status => status.ToWord())));
        Assert.Equal(
            "filed versioned duplicate quarantined failed released",
            string.Join(' ', Enum.GetValues<ScanOutcome>().Select(outcome => outcome.ToWord())));
    }

    [Theory]
    [InlineData("docs/formats/record.schema.json", typeof(RecordDocument))]
    [InlineData("docs/formats/text.schema.json", typeof(DocumentText))]
    [InlineData("docs/formats/receipt.schema.json", typeof(Receipt))]
    public void A_published_schema_names_exactly_what_is_written(string file, Type written)
    {
        using var schema = JsonDocument.Parse(Checkout.Read(file));
        var named = schema.RootElement.GetProperty("properties").EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal);
        var properties = written.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.Name != "EqualityContract")
            .Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)).Order(StringComparer.Ordinal);
        Assert.Equal(properties, named);
    }

    [Theory]
    [InlineData("config/small-office.json")]
    [InlineData("config/hospital-department.json")]
    public void A_sample_configuration_has_no_fault(string file)
    {
        var options = ConfigReader.Read(Checkout.Read(file), out var faults);
        Assert.Empty(faults);
        Assert.Empty(ConfigRules.Check(options, "/var/lib/docingest", faults));
    }

    private static void Describe(Command command, string path, StringBuilder tree)
    {
        string name = command is RootCommand ? "docingest" : $"{path} {command.Name}";
        tree.Append(name);
        foreach (var argument in command.Arguments)
        {
            tree.Append($" {argument.Name}{(argument.Arity.MaximumNumberOfValues > 1 ? "…" : "")}");
        }

        foreach (var option in command.Options)
        {
            tree.Append($" [{option.Name}{string.Concat(option.Aliases.Select(alias => "|" + alias))}{(option.HelpName is null ? "" : " " + option.HelpName)}]");
        }

        tree.Append('\n');
        foreach (var child in command.Subcommands)
        {
            Describe(child, name, tree);
        }
    }

    private static IEnumerable<LoggerMessageAttribute> LogEvents() =>
        LogMethods().Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()).OfType<LoggerMessageAttribute>();

    private static IEnumerable<MethodInfo> LogMethods() =>
        new[] { typeof(DocIngestProgram), typeof(ScanOutcome), typeof(Archive.OcflStorageRoot), typeof(Storage.IDurableFolder) }
            .SelectMany(type => type.Assembly.GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(method => method.IsDefined(typeof(LoggerMessageAttribute)));
}
