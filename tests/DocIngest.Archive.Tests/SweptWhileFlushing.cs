using DocIngest.Storage;

namespace DocIngest.Archive.Tests;

/// <summary>A folder in which another process does something at each flush: where this one waits longest.</summary>
internal sealed class SweptWhileFlushing(IDurableFolder inner, Func<Task> sweep) : IDurableFolder
{
    public int Sweeps { get; private set; }

    public string DisplayName => inner.DisplayName;

    public FolderEntry? Find(string path) => inner.Find(path);

    public IEnumerable<FolderEntry> List(string path) => inner.List(path);

    public Stream OpenRead(string path) => inner.OpenRead(path);

    public WriterProbe ProbeWriter(string path) => inner.ProbeWriter(path);

    public Stream Create(string path) => inner.Create(path);

    public Stream OpenAppend(string path) => inner.OpenAppend(path);

    public void Truncate(string path, long sizeBytes) => inner.Truncate(path, sizeBytes);

    public void CreateFolder(string path) => inner.CreateFolder(path);

    public void Move(string from, string to) => inner.Move(from, to);

    public void Replace(string from, string to) => inner.Replace(from, to);

    public void Delete(string path) => inner.Delete(path);

    public bool DeleteEmptyFolder(string path) => inner.DeleteEmptyFolder(path);

    public void DeleteTree(string path) => inner.DeleteTree(path);

    public async ValueTask FlushAsync(CancellationToken cancellation)
    {
        await SweepAsync();
        await inner.FlushAsync(cancellation);
    }

    public FlushMark Mark() => inner.Mark();

    public async ValueTask FlushAsync(FlushMark since, CancellationToken cancellation)
    {
        await SweepAsync();
        await inner.FlushAsync(since, cancellation);
    }

    public long FreeBytes() => inner.FreeBytes();

    private async Task SweepAsync()
    {
        Sweeps++;
        await sweep();
    }
}
