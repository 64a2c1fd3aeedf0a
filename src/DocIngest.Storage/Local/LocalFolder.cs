namespace DocIngest.Storage;

/// <summary>A folder on a file system of this machine. Made by <see cref="LocalVolumes"/>.</summary>
/// <remarks>
/// Messages of its exceptions name the folder and the operation, never an entry: scanner file names are patients' names.
/// New files and folders get the permissions that <see cref="EntryPermissions"/> says.
/// </remarks>
internal sealed class LocalFolder : IDurableFolder
{
    private readonly LocalSystem _system;
    private readonly ILocalTree _tree;
    private readonly ChangedVolumes _changed;

    internal LocalFolder(LocalSystem system, LocalVolumes volumes, string absolutePath, EntryPermissions permissions)
    {
        _system = system;
        DisplayName = absolutePath;
        _changed = new ChangedVolumes((id, folder) => volumes.Of(id, folder, absolutePath));
        _tree = system.OpenTree(absolutePath, _changed, permissions);
    }

    public string DisplayName { get; }

    public FolderEntry? Find(string path) => _tree.Find(EntryPath.Parse(path));

    public IEnumerable<FolderEntry> List(string path) => _tree.List(EntryPath.Parse(path));

    public Stream OpenRead(string path) =>
        new LocalReadStream(_tree.OpenRead(EntryPath.ParseBelow(path)), error => _system.Translate(error, DisplayName, "read a file"));

    public WriterProbe ProbeWriter(string path) => _tree.ProbeWriter(EntryPath.ParseBelow(path));

    public Stream Create(string path) => Writer(_tree.Create(EntryPath.ParseBelow(path)));

    public Stream OpenAppend(string path) => Writer(_tree.OpenAppend(EntryPath.ParseBelow(path)));

    public void Truncate(string path, long sizeBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeBytes);
        _tree.Truncate(EntryPath.ParseBelow(path), sizeBytes);
    }

    public void CreateFolder(string path) => _tree.CreateFolder(EntryPath.Parse(path));

    public void Move(string from, string to) => _tree.Move(EntryPath.ParseBelow(from), EntryPath.ParseBelow(to));

    public void Replace(string from, string to) => _tree.Replace(EntryPath.ParseBelow(from), EntryPath.ParseBelow(to));

    public void Delete(string path) => _tree.Delete(EntryPath.ParseBelow(path));

    public bool DeleteEmptyFolder(string path) => _tree.DeleteEmptyFolder(EntryPath.ParseBelow(path));

    public void DeleteTree(string path) => _tree.DeleteTree(EntryPath.ParseBelow(path));

    public async ValueTask FlushAsync(CancellationToken cancellation)
    {
        _tree.TouchRoot();
        await _changed.FlushAsync(cancellation);
    }

    public FlushMark Mark() => _changed.Mark();

    public async ValueTask FlushAsync(FlushMark since, CancellationToken cancellation)
    {
        _tree.TouchRoot();
        await _changed.FlushAsync(since, cancellation);
    }

    public long FreeBytes() => _tree.FreeBytes();

    private LocalWriteStream Writer(OpenedFile file) =>
        new(file, _system, error => _system.Translate(error, DisplayName, "write a file"));
}
