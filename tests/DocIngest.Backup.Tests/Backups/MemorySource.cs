using DocIngest.Backup.Encoding;
using DocIngest.Backup.Sources;
using DocIngest.Backup.Trees;
using DocIngest.Storage;

namespace DocIngest.Backup.Tests.Backups;

/// <summary>A source in memory: what it holds can change, vanish and fail when a test wants it to. Asked for are entries of its top.</summary>
internal sealed class MemorySource : IBackupSource
{
    private readonly Directory _top = new();
    private ulong _inodes;
    private int _changes;

    public IReadOnlyList<string> Paths { get; init; } = ["/source"];

    public string? Top { get; init; }

    public ValueTask<ISourceFolder> OpenAsync(CancellationToken cancellation) => ValueTask.FromResult<ISourceFolder>(new Folder(_top, Paths));

    /// <summary>Gives a path this content, as a program that writes the file anew.</summary>
    public void Write(string path, byte[] content) => Put(path, NodeType.File, () => new MemoryStream(content, writable: false), (ulong)content.Length);

    /// <summary>A file that is listed with a size, and of which reading tells another story.</summary>
    public void Write(string path, ulong listedBytes, Func<Stream> open) => Put(path, NodeType.File, open, listedBytes);

    public void CreateFolder(string path) => Reach(path);

    public void Remove(string path)
    {
        var (folder, name) = Split(path);
        folder.Entries.Remove(name);
    }

    /// <summary>Tells of an entry that it cannot be backed up.</summary>
    public void Report(string path, SourceProblemKind kind)
    {
        var (folder, name) = Split(path);
        folder.Entries[name] = new Entry(null, null, null, new SourceProblem(kind, "Because the test says so."));
    }

    /// <summary>Makes listing a folder end with an error, after its entries.</summary>
    public void FailListing(string path) => Reach(path).ListingFails = true;

    private void Put(string path, NodeType type, Func<Stream> open, ulong size)
    {
        var (folder, name) = Split(path);
        var time = new ZonedTime(new UnixTime(1_700_000_000 + _changes++, 5));
        var node = Described(name, type, GoFileMode.FromStat(0x8000 | 0x1a4), time) with { SizeBytes = size, LinkCount = 1 };
        folder.Entries[name] = new Entry(node, open, null, null);
    }

    private (Directory Folder, FileName Name) Split(string path)
    {
        int slash = path.LastIndexOf('/');
        return (slash < 0 ? _top : Reach(path[..slash]), FileName.FromRaw(path[(slash + 1)..]));
    }

    private Directory Reach(string path)
    {
        var at = _top;
        foreach (string element in path.Split('/'))
        {
            var name = FileName.FromRaw(element);
            if (!at.Entries.TryGetValue(name, out var entry) || entry.Folder is null)
            {
                var time = new ZonedTime(new UnixTime(1_600_000_000, 0));
                entry = new Entry(Described(name, NodeType.Directory, GoFileMode.FromStat(0x4000 | 0x1ed), time), null, new Directory(), null);
                at.Entries[name] = entry;
            }

            at = entry.Folder!;   // made just now where it was none
        }

        return at;
    }

    private Node Described(FileName name, NodeType type, GoFileMode mode, ZonedTime time) => new()
    {
        Name = name,
        Type = type,
        Mode = mode,
        Modified = time,
        Accessed = time,
        Changed = time,
        Inode = ++_inodes,
        DeviceId = 1,
    };

    private sealed class Directory
    {
        public SortedDictionary<FileName, Entry> Entries { get; } = [];

        public bool ListingFails { get; set; }
    }

    private sealed record Entry(Node? Node, Func<Stream>? Open, Directory? Folder, SourceProblem? Problem);

    private sealed class Folder(Directory directory, IReadOnlyList<string> askedFor) : ISourceFolder
    {
        public async IAsyncEnumerable<SourceEntry> ListAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
        {
            foreach (var (name, entry) in directory.Entries.ToList())
            {
                await Task.Yield();
                cancellation.ThrowIfCancellationRequested();
                yield return new SourceEntry(name, entry.Node, entry.Problem, askedFor.FirstOrDefault(path => path == $"/{name.ToRaw()}"));
            }

            if (directory.ListingFails)
                throw new StorageUnavailableException("The folder cannot be listed to its end.");
        }

        public ValueTask<ISourceFolder> OpenFolderAsync(Node folder, CancellationToken cancellation) =>
            ValueTask.FromResult<ISourceFolder>(new Folder(Find(folder).Folder ?? throw new RefusedEntryException("No folder."), []));

        public ValueTask<SourceFile> OpenFileAsync(Node file, CancellationToken cancellation)
        {
            var entry = Find(file);
            return ValueTask.FromResult(new SourceFile(entry.Node!, entry.Open!()));   // what is listed as a file has both
        }

        public void Dispose()
        {
        }

        private Entry Find(Node node) => directory.Entries.TryGetValue(node.Name, out var entry) ? entry : throw new EntryNotFoundException("It has vanished.");
    }
}
