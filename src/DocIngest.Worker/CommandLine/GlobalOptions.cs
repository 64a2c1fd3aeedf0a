using System.CommandLine;

namespace DocIngest.Worker.CommandLine;

/// <summary>The options every command takes, before or after its name.</summary>
internal sealed class GlobalOptions
{
    private const string DataVariable = "DOCINGEST_DATA";
    private const string ConfigVariable = "DOCINGEST_CONFIG";

    public Option<string?> Data { get; } = new("--data")
    {
        Description = $"Data folder ({DataVariable}; default ./data).", HelpName = "DIR", Recursive = true,
    };

    public Option<string?> Config { get; } = new("--config")
    {
        Description = $"Configuration file ({ConfigVariable}; default <data>/config/docingest.json).", HelpName = "FILE", Recursive = true,
    };

    public Option<bool> Json { get; } = new("--json") { Description = "Print JSON, and nothing else, on standard output.", Recursive = true };

    public Option<bool> Quiet { get; } = new("--quiet") { Description = "Print results and errors only.", Recursive = true };

    public void AddTo(Command root)
    {
        root.Options.Add(Data);
        root.Options.Add(Config);
        root.Options.Add(Json);
        root.Options.Add(Quiet);
    }

    /// <summary>The data folder, absolute.</summary>
    public string DataFolderOf(ParseResult parsed) => Path.TrimEndingDirectorySeparator(
        TypedPath.Absolute(parsed.GetValue(Data) ?? FromEnvironment(DataVariable) ?? "data", Data.Name));

    /// <summary>The configuration file that was named, absolute; null for the default place.</summary>
    public string? ConfigFileOf(ParseResult parsed) =>
        (parsed.GetValue(Config) ?? FromEnvironment(ConfigVariable)) is { } named ? TypedPath.Absolute(named, Config.Name) : null;

    private static string? FromEnvironment(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
