using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Storage;

namespace DocIngest.Backup.Tests.Repositories;

/// <summary>Every file of a repository truncated, changed, emptied or gone, one at a time: a typed error that names it.</summary>
public sealed class When_a_repository_is_damaged
{
    public enum Damage
    {
        Truncated,
        Lengthened,
        Emptied,
        FirstBitFlipped,
        MiddleBitFlipped,
        LastBitFlipped,
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<Damage> Damages => [.. Enum.GetValues<Damage>()];

    [Theory]
    [MemberData(nameof(Damages))]
    public Task Config(Damage damage) => DemandDamagedAsync("config", damage, FileKind.Config);

    [Theory]
    [MemberData(nameof(Damages))]
    public Task A_key(Damage damage) => DemandDamagedAsync("keys", damage, FileKind.Key);

    [Theory]
    [MemberData(nameof(Damages))]
    public Task An_index(Damage damage) => DemandDamagedAsync("index", damage, FileKind.Index);

    [Theory]
    [MemberData(nameof(Damages))]
    public Task A_snapshot(Damage damage) => DemandDamagedAsync("snapshots", damage, FileKind.Snapshot);

    [Theory]
    [InlineData(Damage.Emptied)]
    [InlineData(Damage.FirstBitFlipped)]
    [InlineData(Damage.MiddleBitFlipped)]
    public Task A_blob_in_a_pack(Damage damage) => DemandDamagedAsync("data", damage, FileKind.Pack);

    [Theory]
    [InlineData(Damage.Truncated)]
    [InlineData(Damage.Lengthened)]
    [InlineData(Damage.Emptied)]
    [InlineData(Damage.LastBitFlipped)]
    public async Task The_header_of_a_pack(Damage damage)
    {
        var folder = await RepositoryWorld.WithSnapshotAsync();
        using var repository = await RepositoryWorld.OpenAsync(folder);
        foreach (string path in folder.Files("data"))
            folder.Write(path, Damaged(folder.Read(path), damage));
        await foreach (var pack in repository.Store.ListAsync(FileKind.Pack, Cancellation))
        {
            var error = await Assert.ThrowsAsync<DamagedRepositoryException>(() => repository.LoadPackHeaderAsync(pack, Cancellation));
            Assert.Equal((FileKind.Pack, pack.Id), (error.Kind, error.File));
        }
    }

    [Fact]
    public async Task A_missing_config_is_no_repository()
    {
        var folder = await RepositoryWorld.WithSnapshotAsync();
        folder.Delete("config");
        await Assert.ThrowsAsync<RepositoryNotFoundException>(() => RepositoryWorld.OpenAsync(folder));
    }

    [Fact]
    public async Task A_repository_without_keys_is_damaged()
    {
        var folder = await RepositoryWorld.WithSnapshotAsync();
        folder.DeleteTree("keys");
        Assert.Equal(FileKind.Key, (await Assert.ThrowsAsync<DamagedRepositoryException>(() => RepositoryWorld.OpenAsync(folder))).Kind);
    }

    [Fact]
    public async Task A_missing_pack_is_named()
    {
        var folder = await RepositoryWorld.WithSnapshotAsync();
        using var repository = await RepositoryWorld.OpenAsync(folder);
        folder.DeleteTree("data");
        var index = await repository.LoadIndexAsync(Cancellation);
        var error = await Assert.ThrowsAsync<DamagedRepositoryException>(
            () => repository.LoadBlobAsync(index, BlobType.Data, BlobId.Of(RepositoryWorld.Data), Cancellation));
        Assert.Equal((FileKind.Pack, index[0].Pack), (error.Kind, error.File));
    }

    [Fact]
    public async Task A_missing_index_lacks_the_blob()
    {
        var folder = await RepositoryWorld.WithSnapshotAsync();
        using var repository = await RepositoryWorld.OpenAsync(folder);
        folder.DeleteTree("index");
        var index = await repository.LoadIndexAsync(Cancellation);
        Assert.Equal(0, index.Count);
        var error = await Assert.ThrowsAsync<DamagedRepositoryException>(
            () => repository.LoadBlobAsync(index, BlobType.Data, BlobId.Of(RepositoryWorld.Data), Cancellation));
        Assert.Equal(FileKind.Index, error.Kind);
    }

    [Fact]
    public async Task A_blob_is_read_from_its_other_pack()
    {
        var folder = await RepositoryWorld.WithSnapshotAsync();
        using var repository = await RepositoryWorld.OpenAsync(folder);
        var index = await repository.LoadIndexAsync(Cancellation);
        var copy = RepositoryWorld.Pack(repository, BlobType.Data, RepositoryWorld.Data);
        await repository.Store.SaveAsync(FileKind.Pack, copy.Id, copy.Content, Cancellation);
        index.Add(copy.Id, copy.Blobs);
        Assert.True(index.TryFind(BlobType.Data, BlobId.Of(RepositoryWorld.Data), out var first));
        Assert.NotEqual(copy.Id, first.Pack);
        folder.Flip(RepositoryLayout.Path(FileKind.Pack, first.Pack));
        using var blob = await repository.LoadBlobAsync(index, BlobType.Data, BlobId.Of(RepositoryWorld.Data), Cancellation);
        Assert.Equal(RepositoryWorld.Data, blob.Span);
    }

    [Fact]
    public async Task A_size_that_an_index_makes_up_takes_no_memory()
    {
        var folder = await RepositoryWorld.WithSnapshotAsync();
        using var repository = await RepositoryWorld.OpenAsync(folder);
        var index = await repository.LoadIndexAsync(Cancellation);
        var made = index[0] with { Blob = index[0].Blob with { Length = 2_000_000_000 } };
        long before = GC.GetTotalAllocatedBytes();
        await Assert.ThrowsAsync<DamagedRepositoryException>(() => repository.LoadBlobAsync(made, Cancellation));
        await Assert.ThrowsAsync<DamagedRepositoryException>(
            () => repository.LoadBlobAsync(made with { Blob = made.Blob with { Length = uint.MaxValue } }, Cancellation));
        Assert.True(GC.GetTotalAllocatedBytes() - before < 1_000_000_000);
    }

    [Fact]
    public async Task One_unreadable_snapshot_does_not_hide_the_others()
    {
        var folder = await RepositoryWorld.WithSnapshotAsync();
        using var repository = await RepositoryWorld.OpenAsync(folder);
        folder.Write($"snapshots/{FileId.Of("rubbish"u8)}", [.. "rubbish"u8]);
        var listed = await repository.ListSnapshotsAsync(Cancellation).ToListAsync(Cancellation);
        Assert.Equal(2, listed.Count);
        Assert.Single(listed, one => one.Fault is not null && one.Snapshot is null);
        Assert.Single(listed, one => one.Fault is null && one.Snapshot is not null);
    }

    /// <summary>Sound by its name and its seal, and still no snapshot, index or lock.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"time":"2023-11-14T22:13:20","tree":"ac08ce34ba4f8123618661bef2425f7028ffb9ac740578a3ee88684d2523fee8"}""")]   // no zone
    [InlineData("""{"time":"2023-11-14T22:13:20Z"}""")]
    [InlineData("""{"time":"2023-11-14T22:13:20Z","tree":"ac08"}""")]
    [InlineData("""{"time":"2023-11-14T22:13:20Z","tree":null}""")]
    [InlineData("""{"tree":"ac08ce34ba4f8123618661bef2425f7028ffb9ac740578a3ee88684d2523fee8"}""")]
    [InlineData("""{"time":"2023-11-14T22:13:20Z","tree":"ac08ce34ba4f8123618661bef2425f7028ffb9ac740578a3ee88684d2523fee8","paths":"a"}""")]
    [InlineData("""{"time":"2023-11-14T22:13:20Z","tree":"ac08ce34ba4f8123618661bef2425f7028ffb9ac740578a3ee88684d2523fee8","uid":-1}""")]
    [InlineData("""{"time":"2023-11-14T22:13:20Z","tree":"ac08ce34ba4f8123618661bef2425f7028ffb9ac740578a3ee88684d2523fee8","uid":1.0}""")]
    public async Task A_sealed_document_that_is_no_snapshot(string json)
    {
        var folder = RepositoryWorld.NewFolder();
        using var repository = await RepositoryWorld.InitAsync(folder);
        var id = await repository.SaveUnpackedAsync(FileKind.Snapshot, System.Text.Encoding.UTF8.GetBytes(json), Cancellation);
        var error = await Assert.ThrowsAsync<DamagedRepositoryException>(() => repository.LoadSnapshotAsync(id, Cancellation));
        Assert.Equal((FileKind.Snapshot, id), (error.Kind, error.File));
    }

    private static async Task DemandDamagedAsync(string place, Damage damage, FileKind kind)
    {
        var folder = await RepositoryWorld.WithSnapshotAsync();
        foreach (string path in place == "config" ? ["config"] : folder.Files(place))
            folder.Write(path, Damaged(folder.Read(path), damage));
        var error = await Assert.ThrowsAsync<DamagedRepositoryException>(() => ReadEverythingAsync(folder));
        Assert.Equal(kind, error.Kind);
        Assert.Equal(kind is FileKind.Config, error.File is null);
    }

    private static async Task ReadEverythingAsync(IDurableFolder folder)
    {
        using var repository = await RepositoryWorld.OpenAsync(folder);
        await foreach (var listed in repository.ListSnapshotsAsync(Cancellation))
        {
            if (listed.Fault is { } fault)
                throw fault;
        }

        var index = await repository.LoadIndexAsync(Cancellation);
        for (int number = 0; number < index.Count; number++)
            (await repository.LoadBlobAsync(index[number], Cancellation)).Dispose();
    }

    private static byte[] Damaged(byte[] content, Damage damage)
    {
        switch (damage)
        {
            case Damage.Truncated:
                return content[..^1];
            case Damage.Lengthened:
                return [.. content, 0];
            case Damage.Emptied:
                return [];
            case Damage.FirstBitFlipped:
                content[0] ^= 0x80;
                return content;
            case Damage.MiddleBitFlipped:
                content[content.Length / 2] ^= 0x10;
                return content;
            case Damage.LastBitFlipped:
                content[^1] ^= 1;
                return content;
            default:
                throw new ArgumentOutOfRangeException(nameof(damage));
        }
    }
}
