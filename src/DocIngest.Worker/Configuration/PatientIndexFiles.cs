using DocIngest.Pipeline.Classification;

namespace DocIngest.Worker.Configuration;

/// <summary>Reads the patient indexes that profiles name.</summary>
internal static class PatientIndexFiles
{
    private const long LargestBytes = 512L << 20;   // some five million patients

    /// <summary>Reads them all; two profiles may name one.</summary>
    /// <param name="configFile">The configuration file, absolute: what the files are relative to.</param>
    /// <param name="options">Its settings.</param>
    /// <param name="faults">Every fault, without anything of a patient.</param>
    /// <returns>By profile.</returns>
    public static IReadOnlyDictionary<string, PatientIndex> Load(string configFile, DocIngestOptions options, out IReadOnlyList<ConfigFault> faults)
    {
        var found = new List<ConfigFault>();
        var byFile = new Dictionary<string, PatientIndex?>();
        var byProfile = new Dictionary<string, PatientIndex>();
        for (int at = 0; at < options.Intake.Profiles.Count; at++)
        {
            var profile = options.Intake.Profiles[at];
            if (profile.PatientIndex is not { } setting)
            {
                continue;
            }

            string file = Path.GetFullPath(setting, Path.GetDirectoryName(configFile) ?? "");
            if (!byFile.TryGetValue(file, out var index))
            {
                index = Read(file, out var words);
                byFile[file] = index;
                found.AddRange(words.Select(fault => new ConfigFault($"intake.profiles[{at}].patientIndex", $"is \"{setting}\", which {fault}")));
            }

            if (index is not null)
            {
                byProfile[profile.Name] = index;
            }
        }

        faults = found;
        return byProfile;
    }

    private static PatientIndex? Read(string file, out IReadOnlyList<string> faults)
    {
        try
        {
            var info = new FileInfo(file);
            if (info.Exists && info.Length > LargestBytes)
            {
                faults = [$"has {info.Length:N0} bytes, more than {LargestBytes:N0}"];
                return null;
            }

            return PatientIndex.Read(File.ReadAllText(file), out faults);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            faults = [$"is not there (looked for at {file})"];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            faults = ["cannot be read: check its permissions"];
        }

        return null;
    }
}
