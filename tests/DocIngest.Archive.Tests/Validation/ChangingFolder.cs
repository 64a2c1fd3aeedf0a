using DocIngest.Storage;

namespace DocIngest.Archive.Tests.Validation;

/// <summary>A folder in which another process does something just before a certain file is read.</summary>
internal sealed class ChangingFolder(IDurableFolder inner, string trigger, Action change) : IDurableFolder
{
    public string DisplayName => inner.DisplayName;

    public FolderEntry? Find(string path) => inner.Find(path);

    public IEnumerable<FolderEntry> List(string path) => inner.List(path);

    public Stream OpenRead(string path)
    {
        if (path == trigger)
        {
            change();
        }

        return inner.OpenRead(path);
    }

    public WriterProbe ProbeWriter(string path) => inner.ProbeWriter(path);

    public Stream Create(string path) => throw Writes;

    public Stream OpenAppend(string path) => throw Writes;

    public void Truncate(string path, long sizeBytes) => throw Writes;

    public void CreateFolder(string path) => throw Writes;

    public void Move(string from, string to) => throw Writes;

    public void Replace(string from, string to) => throw Writes;

    public void Delete(string path) => throw Writes;

    public bool DeleteEmptyFolder(string path) => throw Writes;

    public void DeleteTree(string path) => throw Writes;

    public ValueTask FlushAsync(CancellationToken cancellation) => throw Writes;

    public FlushMark Mark() => throw Writes;

    public ValueTask FlushAsync(FlushMark since, CancellationToken cancellation) => throw Writes;

    public long FreeBytes() => throw Writes;

    private static InvalidOperationException Writes => new("A validation writes nothing.");
}
