using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.Retention;

namespace DocIngest.Worker.Configuration;

/// <summary>Finds, reads and checks the retention schedule.</summary>
internal static class RetentionFile
{
    private const string DefaultName = "retention.json";

    /// <summary>The file, absolute.</summary>
    /// <param name="configFile">The configuration file, absolute; it need not be there.</param>
    /// <param name="options">Its settings.</param>
    public static string PathOf(string configFile, DocIngestOptions options) =>
        Path.GetFullPath(options.Retention.Schedule ?? DefaultName, Path.GetDirectoryName(configFile) ?? "");

    /// <summary>Classes that records may get by rules and profiles.</summary>
    public static IReadOnlyCollection<string> KnownClasses(DocIngestOptions options, RuleSet rules) =>
        [.. rules.RecordClasses, .. options.Intake.Profiles.Select(profile => profile.RecordClass), RecordDocument.Unclassified, RecordDocument.BatchClass];

    /// <summary>Reads the schedule; none where the default file is absent.</summary>
    /// <param name="configFile">The configuration file, absolute.</param>
    /// <param name="options">Its settings.</param>
    /// <param name="knownClasses">Classes that records may get; null where that is not known.</param>
    /// <exception cref="ConfigException">Any fault; all are listed.</exception>
    public static RetentionSchedule Load(string configFile, DocIngestOptions options, IReadOnlyCollection<string>? knownClasses)
    {
        string path = PathOf(configFile, options);
        string json;
        try
        {
            json = File.ReadAllText(path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return options.Retention.Schedule is null ? RetentionSchedule.None
                : throw new ConfigException(path, [new ConfigFault("", "There is no such file, though retention.schedule names it.")]);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigException(path, [new ConfigFault("", "The file cannot be read: check its permissions, and those of its folder.")]);
        }

        var schedule = Read(json, knownClasses, out var faults);
        return schedule is not null && faults.Count == 0 ? schedule : throw new ConfigException(path, faults);
    }

    /// <summary>Reads a schedule from text.</summary>
    /// <param name="json">The file's text.</param>
    /// <param name="knownClasses">Classes that records may get; null where that is not known.</param>
    /// <param name="faults">Every fault; nothing more is said of what could not be read.</param>
    public static RetentionSchedule? Read(string json, IReadOnlyCollection<string>? knownClasses, out IReadOnlyList<ConfigFault> faults)
    {
        var options = ConfigReader.Read<RetentionOptions>(json, out var found);
        var schedule = RetentionSchedule.Build(options, knownClasses, out var wrong);
        faults =
        [
            .. found,
            .. wrong.Where(fault => !found.Any(known => IsAbout(fault.Path, known.Path) || IsAbout(known.Path, fault.Path)))
                .Select(fault => new ConfigFault(fault.Path, fault.Message)),
        ];
        return schedule;
    }

    // Whether a fault is of a setting, or of one within it.
    private static bool IsAbout(string path, string of) =>
        path == of || of.Length == 0 || path.StartsWith(of + ".", StringComparison.Ordinal) || path.StartsWith(of + "[", StringComparison.Ordinal);
}
