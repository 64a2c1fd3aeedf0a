using DocIngest.Pipeline.Classification;

namespace DocIngest.Worker.Configuration;

/// <summary>Finds, reads and checks the rules file and the code lists it names.</summary>
internal static class RulesFile
{
    private const string DefaultName = "rules.json";

    /// <summary>The file, absolute.</summary>
    /// <param name="configFile">The configuration file, absolute; it need not be there.</param>
    /// <param name="options">Its settings.</param>
    public static string PathOf(string configFile, DocIngestOptions options) =>
        Path.GetFullPath(options.Classification.Rules ?? DefaultName, Path.GetDirectoryName(configFile) ?? "");

    /// <summary>Reads the rules; none where the default file is absent.</summary>
    /// <param name="configFile">The configuration file, absolute.</param>
    /// <param name="options">Its settings.</param>
    /// <exception cref="ConfigException">Any fault; all are listed.</exception>
    public static RuleSet Load(string configFile, DocIngestOptions options)
    {
        string path = PathOf(configFile, options);
        string json;
        try
        {
            json = File.ReadAllText(path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return options.Classification.Rules is null ? RuleSet.Empty
                : throw new ConfigException(path, [new ConfigFault("", "There is no such file, though classification.rules names it.")]);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigException(path, [new ConfigFault("", "The file cannot be read: check its permissions, and those of its folder.")]);
        }

        var rules = Read(json, Path.GetDirectoryName(path) ?? "", [.. options.Intake.Profiles.Select(profile => profile.Name)], out var faults);
        return rules is not null && faults.Count == 0 ? rules : throw new ConfigException(path, faults);
    }

    /// <summary>Reads rules from text.</summary>
    /// <param name="json">The file's text.</param>
    /// <param name="folder">Where the file is.</param>
    /// <param name="profiles">The profiles there are.</param>
    /// <param name="faults">Every fault; nothing more is said of what could not be read.</param>
    public static RuleSet? Read(string json, string folder, IReadOnlyCollection<string> profiles, out IReadOnlyList<ConfigFault> faults)
    {
        var options = ConfigReader.Read<RulesOptions>(json, out var found);
        var rules = RuleSet.Build(options, folder, profiles, out var wrong);
        faults =
        [
            .. found,
            .. wrong.Where(fault => !found.Any(known => IsAbout(fault.Path, known.Path) || IsAbout(known.Path, fault.Path)))
                .Select(fault => new ConfigFault(fault.Path, fault.Message)),
        ];
        return rules;
    }

    // Whether a fault is of a setting, or of one within it.
    private static bool IsAbout(string path, string of) =>
        path == of || of.Length == 0 || path.StartsWith(of + ".", StringComparison.Ordinal) || path.StartsWith(of + "[", StringComparison.Ordinal);
}
