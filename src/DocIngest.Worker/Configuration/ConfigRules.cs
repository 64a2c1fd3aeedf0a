using System.Text;
using DocIngest.Pipeline;
using DocIngest.Pipeline.Classification;
using DocIngest.Pipeline.Pages;
using DocIngest.Pipeline.Scans;

namespace DocIngest.Worker.Configuration;

/// <summary>Rules across settings, and those that need the data folder's place. Reports every fault at once.</summary>
internal sealed class ConfigRules
{
    private const int MaxNameBytes = 255;

    private readonly string _dataFolder;
    private readonly IReadOnlyList<ProfileOptions> _profiles;
    private readonly IReadOnlyList<ConfigFault> _unread;
    private readonly List<ConfigFault> _faults = [];

    private ConfigRules(DocIngestOptions options, string dataFolder, IEnumerable<ConfigFault> found)
    {
        _dataFolder = dataFolder;
        _profiles = options.Intake.Profiles;
        _unread = [.. found.Where(fault => fault.IsUnread)];
    }

    /// <summary>Checks options as they were read.</summary>
    /// <param name="options">Settings that could not be read have their defaults.</param>
    /// <param name="dataFolder">Absolute.</param>
    /// <param name="found">What reading them found: nothing is said here of a setting that could not be read.</param>
    public static IReadOnlyList<ConfigFault> Check(DocIngestOptions options, string dataFolder, IReadOnlyList<ConfigFault> found)
    {
        var rules = new ConfigRules(options, dataFolder, found);
        for (int index = 0; index < rules._profiles.Count; index++)
        {
            rules.CheckName(index);
            rules.CheckFolder(index);
            rules.CheckFeedbackFolder(index);
            rules.CheckMarkerFile(index);
            rules.CheckKeyPattern(index);
            rules.CheckTimes(index);
            rules.CheckLanguages(index);
            rules.CheckSeparators(index);
            rules.CheckDuplex(index);
        }

        foreach (var fault in ArchiveRules.Check(options, dataFolder).Concat(BackupRules.Check(options.Backup, dataFolder))
            .Concat(AlarmRules.Check(options.Alarms, dataFolder)).Concat(JobRules.Check(options.Jobs)))
        {
            rules.Fault(fault.Path, fault.Message);
        }

        return rules._faults;
    }

    private void CheckName(int index)
    {
        string name = _profiles[index].Name;
        for (int earlier = 0; earlier < index; earlier++)
        {
            if (_profiles[earlier].Name == name)
            {
                Fault(PathOf(index, "name"), $"is \"{name}\", which an earlier profile has already", PathOf(earlier, "name"));
            }
        }
    }

    private void CheckFolder(int index)
    {
        string path = PathOf(index, "folder");
        if (FullPath(_profiles[index].Folder) is not { } folder)
        {
            Fault(path, "holds a NUL character, which no path can");
            return;
        }

        if (FolderPath.Contains(folder, _dataFolder))
        {
            Fault(path, "holds the data folder: the service would take in its own files");
        }

        CheckNotOwn(path, folder);
        for (int earlier = 0; earlier < index; earlier++)
        {
            if (FullPath(_profiles[earlier].Folder) is { } other && (FolderPath.Contains(other, folder) || FolderPath.Contains(folder, other)))
            {
                Fault(path, $"overlaps the folder of profile \"{_profiles[earlier].Name}\": a scan would belong to both", PathOf(earlier, "folder"));
            }
        }
    }

    private void CheckFeedbackFolder(int index)
    {
        string path = PathOf(index, "feedbackFolder");
        if (_profiles[index].FeedbackFolder is not { } setting)
        {
            return;
        }

        if (FullPath(setting) is not { } feedback)
        {
            Fault(path, "holds a NUL character, which no path can");
            return;
        }

        if (FolderPath.Contains(feedback, _dataFolder))
        {
            Fault(path, "holds the data folder: it would be written among the service's own files");
        }

        CheckNotOwn(path, feedback);
        for (int other = 0; other < _profiles.Count; other++)
        {
            if (FullPath(_profiles[other].Folder) is { } folder && FolderPath.Contains(feedback, folder))
            {
                Fault(
                    path,
                    $"is or holds the drop folder of profile \"{_profiles[other].Name}\": no scan there would be looked at; use a folder below or beside it",
                    PathOf(other, "folder"));
            }

            if (other < index && _profiles[other].FeedbackFolder is { } another && FullPath(another) == feedback)
            {
                Fault(
                    path, $"is that of profile \"{_profiles[other].Name}\" too: each would write over the other's files",
                    PathOf(other, "feedbackFolder"));
            }
        }
    }

    private void CheckNotOwn(string path, string folder)
    {
        foreach (string own in DataFolder.Own)
        {
            if (FolderPath.Contains(Path.Combine(_dataFolder, own), folder))
            {
                Fault(path, $"lies in the data folder's own {own}/");
            }
        }
    }

    private void CheckMarkerFile(int index)
    {
        if (_profiles[index].MarkerFile is { } marker
            && (marker is "" or "." or ".." || marker.AsSpan().ContainsAny("/\\\0") || Encoding.UTF8.GetByteCount(marker) > MaxNameBytes))
        {
            Fault(PathOf(index, "markerFile"), "must be the plain name of a file in the drop folder");
        }
    }

    private void CheckKeyPattern(int index)
    {
        try
        {
            _ = new DocumentKeyRule(_profiles[index].DocumentKeyPattern);
        }
        catch (ArgumentException error)
        {
            Fault(PathOf(index, "documentKeyPattern"), error.Message.Split(" (Parameter")[0]);
        }
    }

    private void CheckTimes(int index)
    {
        var profile = _profiles[index];
        if (profile.IncompleteAfter < profile.SettleTime)
        {
            Fault(
                PathOf(index, "incompleteAfter"), $"is {profile.IncompleteAfter}, shorter than settleTime {profile.SettleTime}",
                PathOf(index, "settleTime"));
        }

        if (profile.TrustedSidecar && profile.Sidecar == SidecarMode.None)
        {
            Fault(PathOf(index, "trustedSidecar"), "is true, but sidecar is \"none\"", PathOf(index, "sidecar"));
        }
    }

    private void CheckLanguages(int index)
    {
        var languages = _profiles[index].Languages;
        for (int at = 0; at < languages.Count; at++)
        {
            if (!LanguageDetector.Tags.Contains(languages[at]))
            {
                Fault($"{PathOf(index, "languages")}[{at}]", $"is \"{languages[at]}\", but must be one of {string.Join(", ", LanguageDetector.Tags)}");
            }
        }
    }

    // A separator that never fits would pass a stack as one document.
    private void CheckSeparators(int index)
    {
        if (_profiles[index].Pages.Separators is not { } separators)
        {
            return;
        }

        string path = PathOf(index, "pages.separators");
        if (!separators.PatchT && separators.BarCodes.Count == 0)
        {
            Fault($"{path}.patchT", "is false, and barCodes is empty: no page would be a separator", $"{path}.barCodes");
        }

        for (int at = 0; at < separators.BarCodes.Count; at++)
        {
            CheckSeparator($"{path}.barCodes[{at}]", separators.BarCodes[at]);
        }
    }

    private void CheckDuplex(int index)
    {
        if (_profiles[index].Pages is not { Duplex: { } duplex } pages)
        {
            return;
        }

        string path = PathOf(index, "pages.duplex");
        if (pages.Separators is not null)
        {
            Fault(path, "and pages.separators cannot go together: a stack of fronts would be divided before its backs are there", PathOf(index, "pages.separators"));
        }

        CheckStackPattern($"{path}.fronts", duplex.Fronts);
        CheckStackPattern($"{path}.backs", duplex.Backs);
        if (duplex.Fronts == duplex.Backs)
        {
            Fault($"{path}.backs", "is the same as fronts: no file could be told to be either", $"{path}.fronts");
        }
    }

    private void CheckStackPattern(string path, string pattern)
    {
        try
        {
            _ = DuplexRule.Compile(pattern);
        }
        catch (ArgumentException error)
        {
            Fault(path, $"is \"{pattern}\", which is no regular expression: {error.Message.Split(" (Parameter")[0]}");
        }
    }

    private void CheckSeparator(string path, SeparatorBarCode code)
    {
        if (code.Pattern.Length == 0)
        {
            Fault($"{path}.pattern", "is missing, but must be a regular expression on what the bar code says");
        }

        try
        {
            _ = PageRules.Compile(code.Pattern);
        }
        catch (ArgumentException error)
        {
            Fault($"{path}.pattern", $"is \"{code.Pattern}\", which is no regular expression: {error.Message.Split(" (Parameter")[0]}");
        }

        if (code.Symbology is { Length: > 0 } symbology && !PageRules.Symbologies.Contains(symbology, StringComparer.OrdinalIgnoreCase))
        {
            Fault($"{path}.symbology", $"is \"{symbology}\", but must be one of {string.Join(", ", PageRules.Symbologies)}");
        }
    }

    private void Fault(string path, string message, string? alsoAbout = null)
    {
        if (IsRead(path) && (alsoAbout is null || IsRead(alsoAbout)))
        {
            _faults.Add(new ConfigFault(path, message));
        }
    }

    private bool IsRead(string path) => !_unread.Any(fault => path == fault.Path || path.StartsWith(fault.Path + ".", StringComparison.Ordinal));

    private static string PathOf(int index, string setting) => $"intake.profiles[{index}].{setting}";

    // Null where no path can be such.
    private string? FullPath(string folder) =>
        folder.Contains('\0') ? null : Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder, _dataFolder));
}
