using DocIngest.Pipeline.Scans;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Intake;

/// <summary>Where the drop folders are, and which places in and around them are none for scans.</summary>
internal sealed class IntakeFolders
{
    private readonly IngestOptions _options;
    private readonly string _dataPath;
    private readonly Func<string, IDurableFolder> _openFolder;

    /// <param name="options">The admin's settings.</param>
    /// <param name="dataPath">The data folder, absolute, with <c>/</c>, without one at its end.</param>
    /// <param name="openFolder">Opens a folder by its absolute path; it need not be there.</param>
    public IntakeFolders(IngestOptions options, string dataPath, Func<string, IDurableFolder> openFolder)
    {
        _options = options;
        _dataPath = dataPath;
        _openFolder = openFolder;
        Drop = [.. options.Profiles.Select(profile => Open(profile, FullPath(profile.Folder)))];
    }

    /// <summary>The drop folders, in the order of their profiles.</summary>
    public IReadOnlyList<DropFolder> Drop { get; }

    public DropFolder Open(ProfileOptions profile, string absolutePath) => new(profile, _openFolder(absolutePath), absolutePath);

    /// <summary>A folder of the configuration, absolute.</summary>
    public string FullPath(string folder) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder, _dataPath));

    /// <summary>Whether the service makes a drop folder itself: those named relative to the data folder and inside it. Any other that
    /// is missing is an alarm, not something to create in its place.</summary>
    public bool IsOwn(DropFolder folder) => !Path.IsPathRooted(folder.Profile.Folder) && IsWithin(folder.AbsolutePath, _dataPath);

    /// <summary>A drop folder of our own, relative to the data folder.</summary>
    public string WithinData(DropFolder own) => own.AbsolutePath[_dataPath.Length..].TrimStart('/');

    /// <summary>Whether a drop folder of our own is there. Asked of the data folder: one that is not there cannot be asked itself.</summary>
    /// <exception cref="StorageException">The data folder does not answer.</exception>
    public bool IsMade(DropFolder own) => _openFolder(_dataPath).Find(WithinData(own)) is not null;

    /// <summary>The service's own folders and its feedback are no places for scans, wherever a drop folder lies.</summary>
    public bool IsElsewhere(string absolutePath) =>
        DataFolder.Own.Any(own => IsWithin(absolutePath, $"{_dataPath}/{own}"))
        || _options.Profiles.Any(profile => profile.FeedbackFolder is { } feedback && IsWithin(absolutePath, DropFolder.Slashed(FullPath(feedback))));

    /// <summary>As <see cref="IsElsewhere"/>; and a drop folder inside another is its own profile's.</summary>
    public bool IsElsewhereOrAnothers(string absolutePath) =>
        IsElsewhere(absolutePath) || Drop.Any(folder => folder.AbsolutePath == absolutePath);

    private static bool IsWithin(string path, string folder) =>
        path.StartsWith(folder, StringComparison.Ordinal) && (path.Length == folder.Length || path[folder.Length] == '/');
}
