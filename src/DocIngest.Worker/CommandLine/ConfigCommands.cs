using System.CommandLine;
using System.Text.Json;
using DocIngest.Worker.Configuration;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>config check|schema</c></summary>
internal static class ConfigCommands
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create(CommandFactory commands) => CommandFactory.Group(
        "config", "The configuration file.",
        commands.Create("check", "List every fault of the configuration at once.", Check),
        commands.Create("schema", "Print the JSON schema of the configuration.", Schema));

    private static Task<int> Check(CommandContext context)
    {
        string file = context.NamedConfig ?? ConfigFile.DefaultPath(context.DataPath);
        IReadOnlyList<ConfigFault> faults = [];
        try
        {
            context.LoadConfig();
        }
        catch (ConfigException error)
        {
            faults = error.Faults;
        }

        bool isDefault = context.NamedConfig is null && faults.Count == 0 && !File.Exists(file);
        context.Output.Result(
            new { File = file, Exists = !isDefault, Valid = faults.Count == 0, Faults = faults },
            words =>
            {
                words.WriteLine(faults.Count > 0 ? $"{file}: {faults.Count} fault(s)"
                    : isDefault ? $"{file} is not there: the built-in defaults hold."
                    : $"{file} is right.");
                foreach (var fault in faults)
                {
                    words.WriteLine($"  {(fault.Path.Length == 0 ? "" : fault.Path + ": ")}{fault.Message}");
                }
            });
        return Task.FromResult(faults.Count == 0 ? ExitCode.Done : ExitCode.Usage);
    }

    private static Task<int> Schema(CommandContext context)
    {
        context.Output.Words.WriteLine(ConfigSchema.Create().ToJsonString(Indented));
        return Task.FromResult(ExitCode.Done);
    }
}
