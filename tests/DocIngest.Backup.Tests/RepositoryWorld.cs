using DocIngest.Backup.Compression;
using DocIngest.Backup.Crypto;
using DocIngest.Backup.Encoding;
using DocIngest.Backup.Indexes;
using DocIngest.Backup.Keys;
using DocIngest.Backup.Packs;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Snapshots;
using DocIngest.Backup.Stores;
using DocIngest.Storage;

namespace DocIngest.Backup.Tests;

/// <summary>A small repository of our own making: two packs, an index and a snapshot.</summary>
internal static class RepositoryWorld
{
    public static ReadOnlyMemory<byte> Password { get; } = "correct horse"u8.ToArray();

    /// <summary>Guessing costs nothing here, so that tests do not wait.</summary>
    public static ScryptParameters Cheap { get; } = new(2, 1, 1);

    public static KeyOrigin Origin { get; } = new("tester", "test-host", new ZonedTime(new UnixTime(1_700_000_000, 0)));

    public static byte[] Data { get; } = [.. Enumerable.Range(0, 20_000).Select(i => (byte)(i / 7))];

    /// <summary>A tree of one file with <see cref="Data"/>.</summary>
    public static byte[] Tree { get; } = System.Text.Encoding.UTF8.GetBytes(
        """{"nodes":[{"name":"file","type":"file","mode":420,"mtime":"2023-11-14T22:13:20Z","atime":"2023-11-14T22:13:20Z","ctime":"2023-11-14T22:13:20Z" """.TrimEnd() +
        $$""","uid":0,"gid":0,"size":{{Data.Length}},"content":["{{BlobId.Of(Data)}}"]}]}""" + "\n");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static MemoryFolder NewFolder() => new MemoryVolume().FolderAt("");

    public static Task<Repository> InitAsync(IDurableFolder folder) =>
        Repository.InitAsync(new FolderStore(folder), Password, Cheap, Origin, Cancellation);

    public static Task<Repository> OpenAsync(IDurableFolder folder) => Repository.OpenAsync(new FolderStore(folder), Password, Cancellation);

    /// <summary>A folder with a repository that holds one snapshot.</summary>
    public static async Task<MemoryFolder> WithSnapshotAsync()
    {
        var folder = NewFolder();
        using var repository = await InitAsync(folder);
        await FillAsync(repository);
        return folder;
    }

    public static async Task<FileId> FillAsync(Repository repository)
    {
        var index = new IndexFileWriter();
        foreach (var (type, content) in new[] { (BlobType.Data, Data), (BlobType.Tree, Tree) })
        {
            var pack = Pack(repository, type, content);
            await repository.Store.SaveAsync(FileKind.Pack, pack.Id, pack.Content, Cancellation);
            index.Add(pack.Id, pack.Blobs);
        }

        await repository.SaveUnpackedAsync(FileKind.Index, index.Finish(), Cancellation);
        return await repository.SaveSnapshotAsync(new Snapshot
        {
            Time = Origin.Time,
            Tree = BlobId.Of(Tree),
            Paths = ["/file"],
            HostName = "test-host",
            ProgramVersion = "docingest 0.1.0",
        }, Cancellation);
    }

    public static BuiltPack Pack(Repository repository, BlobType type, params byte[][] contents)
    {
        using var codec = repository.CreateBlobCodec(CompressionMode.Fast);
        var builder = new PackBuilder(repository.Key, type, 1024);
        foreach (byte[] content in contents)
        {
            var encoded = codec.Encode(type, content, builder.Room(BlobCodec.MaxSealedBytes(content.Length)));
            builder.Commit(BlobId.Of(content), encoded);
        }

        return builder.Finish();
    }
}
