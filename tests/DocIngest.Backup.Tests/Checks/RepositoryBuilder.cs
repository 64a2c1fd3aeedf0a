using System.Buffers.Binary;
using System.Text;
using DocIngest.Backup.Compression;
using DocIngest.Backup.Crypto;
using DocIngest.Backup.Encoding;
using DocIngest.Backup.Indexes;
using DocIngest.Backup.Packs;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Snapshots;
using DocIngest.Backup.Stores;
using DocIngest.Backup.Trees;
using DocIngest.Storage;

namespace DocIngest.Backup.Tests.Checks;

/// <summary>Builds a repository in memory piece by piece. Sound by itself; each rule can be broken on purpose.</summary>
internal sealed class RepositoryBuilder : IDisposable
{
    private readonly OrderedDictionary<BlobId, Piece> _data = [];
    private readonly OrderedDictionary<BlobId, Piece> _trees = [];
    private readonly List<(FileId Pack, PackedBlob[] Blobs)> _index = [];

    private RepositoryBuilder(MemoryFolder folder, Repository repository) => (Folder, Repository) = (folder, repository);

    public MemoryFolder Folder { get; }

    public Repository Repository { get; }

    /// <summary>What the headers of packs say, given what is true.</summary>
    public Func<PackedBlob[], PackedBlob[]> Header { get; set; } = blobs => blobs;

    /// <summary>What the index says of a pack, given what is true.</summary>
    public Func<PackedBlob[], PackedBlob[]> Index { get; set; } = blobs => blobs;

    /// <summary>What lies before the last blob of each pack, where nothing may.</summary>
    public byte[] Gap { get; set; } = [];

    /// <summary>Whether data and trees come into one pack.</summary>
    public bool IsMixed { get; set; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<RepositoryBuilder> CreateAsync(int version = 2)
    {
        var folder = RepositoryWorld.NewFolder();
        var repository = await RepositoryWorld.InitAsync(folder);
        if (version == 2)
            return new RepositoryBuilder(folder, repository);
        using (repository)
        {
            byte[] config = repository.Sealed((repository.Config with { Version = version }).Write().Span);
            folder.Write(RepositoryLayout.Config, config);
        }

        return new RepositoryBuilder(folder, await RepositoryWorld.OpenAsync(folder));
    }

    /// <summary>A blob of data for the next pack.</summary>
    public BlobId Data(ReadOnlySpan<byte> content, bool compress = false) => Add(_data, Piece.Of(Repository, BlobType.Data, content, compress));

    public BlobId Data(string content) => Data(System.Text.Encoding.UTF8.GetBytes(content));

    /// <summary>A tree for the next pack, canonical.</summary>
    public BlobId Tree(params IEnumerable<Node> nodes) => RawTree(TreeWriter.Write(nodes));

    /// <summary>A tree of these nodes in JSON, as they are.</summary>
    public BlobId JsonTree(params IEnumerable<string> nodes) => RawTree(System.Text.Encoding.UTF8.GetBytes($"{{\"nodes\":[{string.Join(',', nodes)}]}}\n"));

    /// <summary>A tree blob of any bytes.</summary>
    public BlobId RawTree(ReadOnlySpan<byte> content) => Add(_trees, Piece.Of(Repository, BlobType.Tree, content, Repository.Config.Version == 2));

    /// <summary>A piece that is not what it should be.</summary>
    public BlobId Add(Piece piece) => Add(piece.Type is BlobType.Data ? _data : _trees, piece);

    /// <summary>Writes the packs, one index and one snapshot.</summary>
    public async Task<FileId> SaveAsync(BlobId root)
    {
        await SavePacksAsync();
        await SaveIndexAsync();
        return await SnapshotAsync(root);
    }

    /// <summary>Writes what has gathered as one pack of data and one of trees, which the next index will list.</summary>
    public async Task<IReadOnlyList<FileId>> SavePacksAsync()
    {
        var packs = new List<FileId>();
        IReadOnlyList<IReadOnlyList<Piece>> all = IsMixed ? [[.. _data.Values, .. _trees.Values]] : [[.. _data.Values], [.. _trees.Values]];
        foreach (var pieces in all)
        {
            if (pieces.Count == 0)
                continue;
            var (content, blobs) = Assemble(pieces);
            var id = FileId.Of(content);
            await Repository.Store.SaveAsync(FileKind.Pack, id, content, Cancellation);
            _index.Add((id, Index(blobs)));
            packs.Add(id);
        }

        _data.Clear();
        _trees.Clear();
        return packs;
    }

    /// <summary>Writes an index of the packs since the last one.</summary>
    public async Task<FileId> SaveIndexAsync(bool keep = false)
    {
        var index = new IndexFileWriter();
        foreach (var (pack, blobs) in _index)
            index.Add(pack, blobs);
        if (!keep)
            _index.Clear();
        return await Repository.SaveUnpackedAsync(FileKind.Index, index.Finish(), Cancellation);
    }

    /// <summary>Lists a pack in the next index.</summary>
    public void Mention(FileId pack, params PackedBlob[] blobs) => _index.Add((pack, blobs));

    public Task<FileId> SnapshotAsync(BlobId root) => Repository.SaveSnapshotAsync(
        new Snapshot { Time = RepositoryWorld.Origin.Time, Tree = root, Paths = ["/scans"], HostName = "test-host" }, Cancellation);

    /// <summary>A file of some blobs.</summary>
    public static Node File(string name, long size, params BlobId[] content) => new()
    {
        Name = FileName.FromRaw(name),
        Type = NodeType.File,
        Mode = new GoFileMode(0x1a4),
        SizeBytes = (ulong)size,
        Content = content,
    };

    public static Node Directory(string name, BlobId tree) => new()
    {
        Name = FileName.FromRaw(name),
        Type = NodeType.Directory,
        Mode = new GoFileMode(GoFileMode.Directory | 0x1ed),
        Subtree = tree,
    };

    public void Dispose() => Repository.Dispose();

    /// <summary>The same blob twice is stored once.</summary>
    private static BlobId Add(OrderedDictionary<BlobId, Piece> pieces, Piece piece)
    {
        pieces.TryAdd(piece.Id, piece);
        return piece.Id;
    }

    private (byte[] Content, PackedBlob[] Blobs) Assemble(IReadOnlyList<Piece> pieces)
    {
        var content = new MemoryStream();
        var blobs = new List<PackedBlob>();
        for (int i = 0; i < pieces.Count; i++)
        {
            if (i == pieces.Count - 1)
                content.Write(Gap);
            blobs.Add(new PackedBlob(pieces[i].Type, pieces[i].Id, (uint)content.Length, (uint)pieces[i].Stored.Length, pieces[i].UncompressedLength));
            content.Write(pieces[i].Stored);
        }

        var told = Header([.. blobs]);
        byte[] header = new byte[told.Sum(blob => PackHeader.EntryBytes(blob.IsCompressed))];
        PackHeader.Write(told, header);
        byte[] stored = Repository.Sealed(header), length = new byte[PackHeader.LengthBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)stored.Length);
        content.Write(stored);
        content.Write(length);
        return (content.ToArray(), [.. blobs]);
    }
}

/// <summary>A blob as it lies in a pack.</summary>
/// <param name="Type">What its entry says.</param>
/// <param name="Id">What its entry says.</param>
/// <param name="Stored">Its sealed bytes.</param>
/// <param name="UncompressedLength">What its entry says.</param>
internal sealed record Piece(BlobType Type, BlobId Id, byte[] Stored, uint UncompressedLength)
{
    private static readonly ZstdCompressor Compressor = new(1);

    public static Piece Of(Repository repository, BlobType type, ReadOnlySpan<byte> content, bool compress)
    {
        if (!compress || content.IsEmpty)
            return new Piece(type, BlobId.Of(content), repository.Sealed(content), 0);
        byte[] room = new byte[ZstdCompressor.Bound(content.Length)];
        int length = Compressor.Compress(content, room);
        return new Piece(type, BlobId.Of(content), repository.Sealed(room.AsSpan(0, length)), (uint)content.Length);
    }
}

/// <summary>Sealing for tests.</summary>
internal static class Seals
{
    public static byte[] Sealed(this Repository repository, ReadOnlySpan<byte> plaintext)
    {
        byte[] stored = new byte[plaintext.Length + MasterKey.Overhead];
        repository.Key.Seal(plaintext, stored);
        return stored;
    }
}
