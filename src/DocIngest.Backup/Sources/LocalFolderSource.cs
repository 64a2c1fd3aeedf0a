namespace DocIngest.Backup.Sources;

/// <summary>Files and folders of this machine, each under its full path, as restic stores absolute paths (restic-format 9.8).</summary>
/// <remarks>
/// Links are stored, never followed; only the folders above what was asked for may be reached through links. Other file systems
/// mounted below are read along. Folders above hold what was asked for and nothing else.
/// </remarks>
public sealed class LocalFolderSource : IBackupSource
{
    private readonly Selection _selection;

    /// <param name="paths">Absolute paths of folders or files, in the form of <see cref="Storage.RawName"/> on Linux.</param>
    /// <param name="leftOut">Absolute paths that are left out with all below them, such as the repository itself.</param>
    /// <exception cref="ArgumentException">No path at all, one that is not absolute, has <c>..</c> in it, or is left out at the same time.</exception>
    public LocalFolderSource(IReadOnlyList<string> paths, IReadOnlyList<string>? leftOut = null)
    {
        if (paths.Count == 0)
            throw new ArgumentException("There is nothing to back up.", nameof(paths));

        var platform = LocalPlatform.OfThisMachine;
        _selection = Selection.Of(
            platform.NameComparer, paths.Select(path => (platform.Cleaned(path), platform.Parse(path))), (leftOut ?? []).Select(platform.Parse));
        Paths = [.. paths.Select(platform.Cleaned)];
    }

    /// <inheritdoc />
    public IReadOnlyList<string> Paths { get; }

    /// <inheritdoc />
    public string? Top => _selection.AskedFor;

    /// <inheritdoc />
    public ValueTask<ISourceFolder> OpenAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return ValueTask.FromResult(SelectedFolder.Of(LocalPlatform.OfThisMachine.OpenTop(_selection.IsWhole), _selection));
    }
}
