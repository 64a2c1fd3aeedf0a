using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>config check|schema</c></summary>
internal static class ConfigCommands
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create(CommandFactory commands) => CommandFactory.Group(
        "config", "The configuration file.",
        commands.Create("check", "List every fault of the configuration, the rules and their code lists, and the retention schedule at once.", Check),
        commands.Create("schema", "Print the JSON schema of the configuration.", Schema));

    private static Task<int> Check(CommandContext context)
    {
        string file = context.ConfigPath;
        IReadOnlyList<ConfigFault> faults = [];
        DocIngestOptions? options = null;
        try
        {
            options = context.LoadConfig();
            PatientIndexFiles.Load(file, options, out faults);
        }
        catch (ConfigException error)
        {
            faults = error.Faults;
        }

        var rules = CheckRules(context, options);
        var retention = CheckRetention(context, options, rules?.Classes);
        bool isValid = faults.Count == 0 && rules?.Valid != false && retention?.Valid != false;
        bool isDefault = context.NamedConfig is null && faults.Count == 0 && !File.Exists(file);
        context.Output.Result(
            new { File = file, Exists = !isDefault, Valid = isValid, Faults = faults, Rules = rules, Retention = retention },
            words =>
            {
                words.WriteLine(faults.Count > 0 ? $"{file}: {faults.Count} fault(s)"
                    : isDefault ? $"{file} is not there: the built-in defaults hold."
                    : $"{file} is right.");
                Tell(faults, words);
                if (rules is not null)
                {
                    words.WriteLine(!rules.Valid ? $"{rules.File}: {rules.Faults.Count} fault(s)"
                        : rules.Exists ? $"{rules.File} is right: {rules.RuleCount:N0} rule(s), {rules.CodeCount:N0} code(s)."
                        : $"{rules.File} is not there: there are no rules.");
                    Tell(rules.Faults, words);
                }

                if (retention is not null)
                {
                    words.WriteLine(!retention.Valid ? $"{retention.File}: {retention.Faults.Count} fault(s)"
                        : retention.Exists ? $"{retention.File} is right: {retention.ClassCount:N0} class(es)."
                        : $"{retention.File} is not there: everything is kept.");
                    Tell(retention.Faults, words);
                }
            });
        return Task.FromResult(isValid ? ExitCode.Done : ExitCode.Usage);
    }

    private static void Tell(IReadOnlyList<ConfigFault> faults, TextWriter words)
    {
        foreach (var fault in faults)
        {
            words.WriteLine($"  {(fault.Path.Length == 0 ? "" : fault.Path + ": ")}{fault.Message}");
        }
    }

    // Null where the configuration has faults: which profiles there are is not known then.
    private static RulesCheck? CheckRules(CommandContext context, DocIngestOptions? options)
    {
        if (options is null)
        {
            return null;
        }

        string file = RulesFile.PathOf(context.ConfigPath, options);
        try
        {
            var rules = RulesFile.Load(context.ConfigPath, options);
            return new RulesCheck(file, File.Exists(file), Valid: true, [], rules.RuleCount, rules.CodeCount) { Classes = RetentionFile.KnownClasses(options, rules) };
        }
        catch (ConfigException error)
        {
            return new RulesCheck(file, File.Exists(file), Valid: false, error.Faults, 0, 0);
        }
    }

    // Null where the configuration has faults. Where the rules have, no class is called unknown.
    private static RetentionCheck? CheckRetention(CommandContext context, DocIngestOptions? options, IReadOnlyCollection<string>? classes)
    {
        if (options is null)
        {
            return null;
        }

        string file = RetentionFile.PathOf(context.ConfigPath, options);
        try
        {
            var schedule = RetentionFile.Load(context.ConfigPath, options, classes);
            return new RetentionCheck(file, File.Exists(file), Valid: true, [], schedule.Classes.Count);
        }
        catch (ConfigException error)
        {
            return new RetentionCheck(file, File.Exists(file), Valid: false, error.Faults, 0);
        }
    }

    private sealed record RulesCheck(string File, bool Exists, bool Valid, IReadOnlyList<ConfigFault> Faults, int RuleCount, int CodeCount)
    {
        [JsonIgnore]
        public IReadOnlyCollection<string>? Classes { get; init; }
    }

    private sealed record RetentionCheck(string File, bool Exists, bool Valid, IReadOnlyList<ConfigFault> Faults, int ClassCount);

    private static Task<int> Schema(CommandContext context)
    {
        context.Output.Words.WriteLine(ConfigSchema.Create().ToJsonString(Indented));
        return Task.FromResult(ExitCode.Done);
    }
}
