using DocIngest.Pipeline;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Scans;

namespace DocIngest.Worker.Configuration;

/// <summary>Rules across settings, and those that need the data folder's place. Reports every fault at once.</summary>
internal static class ConfigRules
{
    /// <summary>Checks options that were read without fault.</summary>
    public static IReadOnlyList<ConfigFault> Check(DocIngestOptions options, string dataFolder)
    {
        var faults = new List<ConfigFault>();
        var profiles = options.Intake.Profiles;
        for (int index = 0; index < profiles.Count; index++)
        {
            string path = $"intake.profiles[{index}]";
            var profile = profiles[index];
            if (profiles.Take(index).Any(earlier => earlier.Name == profile.Name))
            {
                faults.Add(new ConfigFault($"{path}.name", $"is \"{profile.Name}\", which an earlier profile has already"));
            }

            CheckPlaces(profile, path, dataFolder, profiles.Take(index).Where(earlier => !earlier.Folder.Contains('\0')), faults);
            CheckKeyPattern(profile, path, faults);
            CheckTimes(profile, path, faults);
        }

        return faults;
    }

    private static void CheckPlaces(ProfileOptions profile, string path, string dataFolder, IEnumerable<ProfileOptions> earlier, List<ConfigFault> faults)
    {
        if (profile.Folder.Contains('\0') || profile.FeedbackFolder?.Contains('\0') == true)
        {
            string setting = profile.Folder.Contains('\0') ? "folder" : "feedbackFolder";
            faults.Add(new ConfigFault($"{path}.{setting}", "holds a NUL character, which no path can"));
            return;
        }

        string folder = FullPath(dataFolder, profile.Folder);
        if (Contains(folder, dataFolder))
        {
            faults.Add(new ConfigFault($"{path}.folder", "holds the data folder: the service would take in its own files"));
        }

        foreach (string own in DataFolder.Own.Select(name => Path.Combine(dataFolder, name)))
        {
            if (Contains(own, folder))
            {
                faults.Add(new ConfigFault($"{path}.folder", $"lies in the data folder's own {Path.GetFileName(own)}/"));
            }

            if (profile.FeedbackFolder is { } feedback && Contains(own, FullPath(dataFolder, feedback)))
            {
                faults.Add(new ConfigFault($"{path}.feedbackFolder", $"lies in the data folder's own {Path.GetFileName(own)}/"));
            }
        }

        if (profile.FeedbackFolder is { } place && FullPath(dataFolder, place) == folder)
        {
            faults.Add(new ConfigFault($"{path}.feedbackFolder", "is the drop folder itself; use a folder below or beside it"));
        }

        foreach (var other in earlier)
        {
            string otherFolder = FullPath(dataFolder, other.Folder);
            if (Contains(otherFolder, folder) || Contains(folder, otherFolder))
            {
                faults.Add(new ConfigFault($"{path}.folder", $"overlaps the folder of profile \"{other.Name}\": a scan would belong to both"));
            }
        }
    }

    private static void CheckKeyPattern(ProfileOptions profile, string path, List<ConfigFault> faults)
    {
        try
        {
            _ = new DocumentKeyRule(profile.DocumentKeyPattern);
        }
        catch (ArgumentException error)
        {
            faults.Add(new ConfigFault($"{path}.documentKeyPattern", error.Message.Split(" (Parameter")[0]));
        }
    }

    private static void CheckTimes(ProfileOptions profile, string path, List<ConfigFault> faults)
    {
        if (profile.IncompleteAfter < profile.SettleTime)
        {
            faults.Add(new ConfigFault($"{path}.incompleteAfter", $"is {profile.IncompleteAfter}, shorter than settleTime {profile.SettleTime}"));
        }

        if (profile.TrustedSidecar && profile.Sidecar == SidecarMode.None)
        {
            faults.Add(new ConfigFault($"{path}.trustedSidecar", "is true, but sidecar is \"none\""));
        }
    }

    private static string FullPath(string dataFolder, string folder) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder, dataFolder));

    private static bool Contains(string outer, string inner) =>
        WithSeparator(inner).StartsWith(WithSeparator(outer), StringComparison.Ordinal);

    private static string WithSeparator(string path) => Path.EndsInDirectorySeparator(path) ? path : path + Path.DirectorySeparatorChar;
}
