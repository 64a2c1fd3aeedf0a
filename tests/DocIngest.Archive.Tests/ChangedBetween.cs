using DocIngest.Storage;

namespace DocIngest.Archive.Tests;

/// <summary>A folder in which a test does something between two operations.</summary>
internal abstract class ChangedBetween(IDurableFolder inner) : IDurableFolder
{
    public string DisplayName => inner.DisplayName;

    public virtual FolderEntry? Find(string path) => inner.Find(path);

    public IEnumerable<FolderEntry> List(string path) => inner.List(path);

    public virtual Stream OpenRead(string path) => inner.OpenRead(path);

    public WriterProbe ProbeWriter(string path) => inner.ProbeWriter(path);

    public Stream Create(string path) => inner.Create(path);

    public Stream OpenAppend(string path) => inner.OpenAppend(path);

    public void Truncate(string path, long sizeBytes) => inner.Truncate(path, sizeBytes);

    public virtual void CreateFolder(string path) => inner.CreateFolder(path);

    public void Move(string from, string to) => inner.Move(from, to);

    public void Replace(string from, string to) => inner.Replace(from, to);

    public void Delete(string path) => inner.Delete(path);

    public bool DeleteEmptyFolder(string path) => inner.DeleteEmptyFolder(path);

    public void DeleteTree(string path) => inner.DeleteTree(path);

    public virtual ValueTask FlushAsync(CancellationToken cancellation) => inner.FlushAsync(cancellation);

    public FlushMark Mark() => inner.Mark();

    public virtual ValueTask FlushAsync(FlushMark since, CancellationToken cancellation) => inner.FlushAsync(since, cancellation);

    public long FreeBytes() => inner.FreeBytes();
}
