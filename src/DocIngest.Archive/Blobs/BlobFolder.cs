using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>Blobs as a folder that is only read, for whoever walks folders: a prefix is a folder. Asks the store anew each time.</summary>
/// <exception cref="NotSupportedException">Any member that writes.</exception>
internal sealed class BlobFolder(IBlobStore store) : IDurableFolder
{
    private readonly BlobPlaces _places = OnCallersThread.PlacesOf(new BlobPlaces(store, ""));

    public string DisplayName => store.DisplayName;

    public FolderEntry? Find(string path) =>
        OnCallersThread.Completed(_places.Store.FindAsync(path, CancellationToken.None)) is { } blob ? EntryOf(NameOf(path), blob)
        : Below(path).Any() ? FolderOf(NameOf(path))
        : null;

    public IEnumerable<FolderEntry> List(string path)
    {
        string prefix = path.Length == 0 ? "" : $"{path}/";
        string? folder = null;
        bool isEmpty = true;
        foreach (var blob in Below(path))
        {
            isEmpty = false;
            string below = blob.Name[prefix.Length..];
            int slash = below.IndexOf('/');
            if (slash < 0)
            {
                yield return EntryOf(below, blob);
            }
            else if (folder != below[..slash])   // in the order of names, what one folder holds stands together
            {
                folder = below[..slash];
                yield return FolderOf(folder);
            }
        }

        if (isEmpty && path.Length > 0)
        {
            throw new EntryNotFoundException($"{DisplayName}: nothing is at {path}.");
        }
    }

    public Stream OpenRead(string path) =>
        new OnCallersThread.Reading(OnCallersThread.Completed(_places.Store.OpenReadAsync(path, 0, null, CancellationToken.None)));

    public WriterProbe ProbeWriter(string path) => WriterProbe.Unknown;

    public Stream Create(string path) => throw OnlyRead();

    public Stream OpenAppend(string path) => throw OnlyRead();

    public void Truncate(string path, long sizeBytes) => throw OnlyRead();

    public void CreateFolder(string path) => throw OnlyRead();

    public void Move(string from, string to) => throw OnlyRead();

    public void Replace(string from, string to) => throw OnlyRead();

    public void Delete(string path) => throw OnlyRead();

    public bool DeleteEmptyFolder(string path) => throw OnlyRead();

    public void DeleteTree(string path) => throw OnlyRead();

    public ValueTask FlushAsync(CancellationToken cancellation) => throw OnlyRead();

    public FlushMark Mark() => default;

    public ValueTask FlushAsync(FlushMark since, CancellationToken cancellation) => throw OnlyRead();

    public long FreeBytes() => throw OnlyRead();

    private IEnumerable<BlobInfo> Below(string path) =>
        OnCallersThread.Completed(_places.Store.ListAsync(path.Length == 0 ? "" : $"{path}/", CancellationToken.None));

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static FolderEntry EntryOf(string name, BlobInfo blob) =>
        new(name, EntryKind.File, new FileStamp(blob.Version.Value, blob.SizeBytes, WriteTimeNanoseconds: 0), LinkCount: 1);

    private static FolderEntry FolderOf(string name) => new(name, EntryKind.Folder, default, LinkCount: 1);

    private static NotSupportedException OnlyRead() => new("Blobs are only read here.");
}
