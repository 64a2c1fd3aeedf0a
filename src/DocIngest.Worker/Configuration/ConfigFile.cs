namespace DocIngest.Worker.Configuration;

/// <summary>Finds, reads and checks the configuration file.</summary>
internal static class ConfigFile
{
    /// <summary>Where the file is looked for unless named.</summary>
    public static string DefaultPath(string dataFolder) => Path.Combine(dataFolder, "config", "docingest.json");

    /// <summary>Reads the configuration; all defaults where the default file is absent.</summary>
    /// <param name="dataFolder">Absolute.</param>
    /// <param name="named">The file named by option or environment, which must exist; null for the default place.</param>
    /// <exception cref="ConfigException">Any fault; all are listed.</exception>
    public static DocIngestOptions Load(string dataFolder, string? named)
    {
        string path = named ?? DefaultPath(dataFolder);
        string json;
        try
        {
            json = File.ReadAllText(path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return named is null ? new DocIngestOptions() : throw new ConfigException(path, [new ConfigFault("", "There is no such file.")]);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigException(path, [new ConfigFault("", "The file cannot be read: check its permissions, and those of its folder.")]);
        }

        var options = ConfigReader.Read(json, out var faults);
        faults = [.. faults, .. ConfigRules.Check(options, dataFolder, faults)];
        return faults.Count == 0 ? options : throw new ConfigException(path, faults);
    }
}
