using System.Text.Json;
using DocIngest.Backup.Encoding;
using DocIngest.Backup.Indexes;
using DocIngest.Backup.Packs;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Snapshots;
using DocIngest.Backup.Trees;
using DocIngest.Storage;

namespace DocIngest.Backup.Tests.Restores;

/// <summary>Makes snapshots of whatever nodes, also such as no backup makes. Each blob has a pack of its own.</summary>
internal sealed class SnapshotMaker : IDisposable
{
    private readonly IndexFileWriter _index = new();

    private SnapshotMaker(MemoryFolder folder, Repository repository) => (Folder, Repository) = (folder, repository);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public MemoryFolder Folder { get; }

    public Repository Repository { get; }

    public static async Task<SnapshotMaker> CreateAsync()
    {
        var folder = RepositoryWorld.NewFolder();
        return new SnapshotMaker(folder, await RepositoryWorld.InitAsync(folder));
    }

    public void Dispose() => Repository.Dispose();

    /// <summary>Stores a blob.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="content">Its plaintext.</param>
    /// <param name="falsify">What the index says instead of the truth.</param>
    /// <returns>The id and the path of its pack.</returns>
    public async Task<(BlobId Id, string Pack)> StoreAsync(BlobType type, byte[] content, Func<PackedBlob, PackedBlob>? falsify = null)
    {
        var pack = RepositoryWorld.Pack(Repository, type, content);
        await Repository.Store.SaveAsync(FileKind.Pack, pack.Id, pack.Content, Cancellation);
        _index.Add(pack.Id, [.. pack.Blobs.Select(blob => falsify?.Invoke(blob) ?? blob)]);
        return (BlobId.Of(content), $"data/{pack.Id.ToString()[..2]}/{pack.Id}");
    }

    public async Task<BlobId> TreeAsync(params Node[] nodes) => (await StoreAsync(BlobType.Tree, TreeWriter.Write(nodes))).Id;

    /// <summary>A tree of nodes that <see cref="TreeWriter"/> may refuse: unsorted, doubled, with names that are none.</summary>
    public async Task<BlobId> RawTreeAsync(params Node[] nodes)
    {
        const string Start = "{\"nodes\":[", End = "]}\n", AnyName = "any";
        var bodies = nodes.Select(node => System.Text.Encoding.UTF8.GetString(TreeWriter.Write([node with { Name = FileName.FromRaw(AnyName) }]))[Start.Length..^End.Length]
            .Replace($"\"name\":\"{AnyName}\"", $"\"name\":{JsonSerializer.Serialize(Quoted(node.Name))}", StringComparison.Ordinal));
        return (await StoreAsync(BlobType.Tree, System.Text.Encoding.UTF8.GetBytes($"{Start}{string.Join(',', bodies)}{End}"))).Id;
    }

    private static string Quoted(FileName name) => System.Text.Encoding.ASCII.GetString(name.Bytes).Replace("\0", @"\x00", StringComparison.Ordinal);

    /// <summary>A file node whose content is stored, a blob for each part.</summary>
    public async Task<Node> FileAsync(string name, params string[] parts)
    {
        var ids = new List<BlobId>();
        foreach (string part in parts)
            ids.Add((await StoreAsync(BlobType.Data, System.Text.Encoding.UTF8.GetBytes(part))).Id);
        return Node(NodeType.File, name) with { Content = ids, SizeBytes = (ulong)parts.Sum(System.Text.Encoding.UTF8.GetByteCount) };
    }

    public async Task<Node> FolderAsync(string name, params Node[] nodes) =>
        Node(NodeType.Directory, name) with { Subtree = await TreeAsync(nodes) };

    public static Node Link(string name, string target) =>
        Node(NodeType.Symlink, name) with { LinkTarget = System.Text.Encoding.UTF8.GetBytes(target) };

    /// <summary>Saves index and snapshot.</summary>
    public async Task<FileId> SnapshotAsync(BlobId root)
    {
        await Repository.SaveUnpackedAsync(FileKind.Index, _index.Finish(), Cancellation);
        return await Repository.SaveSnapshotAsync(new Snapshot { Time = RepositoryWorld.Origin.Time, Tree = root, Paths = ["/"] }, Cancellation);
    }

    public async Task<FileId> SnapshotAsync(params Node[] nodes) => await SnapshotAsync(await TreeAsync(nodes));

    public static Node Node(NodeType type, string name)
    {
        var time = new ZonedTime(new UnixTime(1_600_000_000, 123_456_789));
        uint permissions = type is NodeType.File ? 0x1a4u : 0x1ed;
        return new Node
        {
            Name = FileName.FromRaw(name),
            Type = type,
            Mode = new GoFileMode(type.ModeKind() | permissions),
            Modified = time,
            Accessed = time,
            Changed = time,
            Content = type is NodeType.File ? [] : null,
        };
    }
}
