using DocIngest.Backup.Repositories;
using DocIngest.Backup.Restores;
using DocIngest.Backup.Trees;
using DocIngest.Storage;
using DocIngest.TestKit;

namespace DocIngest.Backup.Tests.Restores;

/// <summary>Damage costs what it hits, and nothing else.</summary>
public sealed class When_the_repository_gives_not_all : IAsyncLifetime
{
    private readonly RestoreWorld _world = new();
    private SnapshotMaker _maker = null!;   // from InitializeAsync on

    public When_the_repository_gives_not_all() => Needs.Linux();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _maker = await SnapshotMaker.CreateAsync();

    public ValueTask DisposeAsync()
    {
        _maker.Dispose();
        _world.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("flipped")]
    [InlineData("short")]
    [InlineData("not indexed")]
    public async Task A_blob_that_is_gone_costs_the_files_that_need_it(string damage)
    {
        var good = await _maker.FileAsync("good", "good");
        var (bad, pack) = damage == "not indexed" ? (BlobId.Of("bad"u8), "") : await _maker.StoreAsync(BlobType.Data, "bad"u8.ToArray());
        var file = SnapshotMaker.Node(NodeType.File, "one") with { Content = [good.Content![0], bad, good.Content[0]], SizeBytes = 11 };
        var snapshot = await _maker.SnapshotAsync(good, file, file with { Name = FileName.FromRaw("two"), LinkCount = 2, Inode = 3 }, file with { Name = FileName.FromRaw("two2"), LinkCount = 2, Inode = 3 });
        switch (damage)
        {
            case "missing":
                _maker.Folder.Delete(pack);
                break;
            case "flipped":
                byte[] content = _maker.Folder.Read(pack);
                content[20] ^= 1;
                _maker.Folder.Write(pack, content);
                break;
            case "short":
                _maker.Folder.Write(pack, _maker.Folder.Read(pack)[..10]);
                break;
            default:
                break;
        }

        var result = await _world.RestoreAsync(_maker.Repository, snapshot);
        Assert.Equal(["/one Damaged", "/two Damaged", "/two2 Damaged"], RestoreWorld.Problems(result));
        Assert.Equal(["good"], _world.Entries());
        Assert.Equal(new RestoreCounts(4, 1, 0, 3), result.Files);
    }

    [Fact]
    public async Task Another_copy_of_the_blob_serves()
    {
        var (id, pack) = await _maker.StoreAsync(BlobType.Data, "twice"u8.ToArray());
        await _maker.StoreAsync(BlobType.Data, "twice"u8.ToArray());   // sealed anew, so a pack of its own
        var snapshot = await _maker.SnapshotAsync(SnapshotMaker.Node(NodeType.File, "a") with { Content = [id], SizeBytes = 5 });
        var index = await _maker.Repository.LoadIndexAsync(Cancellation);
        Assert.True(index.TryFind(BlobType.Data, id, out var first));
        _maker.Folder.Flip($"data/{first.Pack.ToString()[..2]}/{first.Pack}");
        Assert.NotEqual("", pack);
        Assert.Equal([], RestoreWorld.Problems(await _world.RestoreAsync(_maker.Repository, snapshot)));
        Assert.Equal("twice", File.ReadAllText(_world["a"]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(1_000_000)]
    public async Task A_wrong_length_in_the_index_puts_nothing_in_the_wrong_place(int more)
    {
        string text = string.Concat(Enumerable.Repeat("compressible ", 100));
        var (first, _) = await _maker.StoreAsync(
            BlobType.Data, System.Text.Encoding.UTF8.GetBytes(text), blob => blob with { UncompressedLength = (uint)(blob.UncompressedLength + more) });
        var tail = await _maker.FileAsync("tail", "tail");
        var snapshot = await _maker.SnapshotAsync(
            SnapshotMaker.Node(NodeType.File, "a") with { Content = [first, tail.Content![0]], SizeBytes = (ulong)text.Length + 4 }, tail);
        Assert.Equal([], RestoreWorld.Problems(await _world.RestoreAsync(_maker.Repository, snapshot)));
        Assert.Equal(text + "tail", File.ReadAllText(_world["a"]));
    }

    [Fact]
    public async Task A_tree_that_is_gone_costs_what_is_below()
    {
        var snapshot = await _maker.SnapshotAsync(
            SnapshotMaker.Node(NodeType.Directory, "lost") with { Subtree = BlobId.Of("nowhere"u8) }, await _maker.FolderAsync("there", await _maker.FileAsync("a", "x")));
        var result = await _world.RestoreAsync(_maker.Repository, snapshot);
        Assert.Equal(["/lost Damaged"], RestoreWorld.Problems(result));
        Assert.Equal(["lost", "there", "there/a"], _world.Entries());
        Assert.Equal(new RestoreCounts(2, 1, 0, 1), result.Directories);
    }

    [Fact]
    public async Task Without_a_root_there_is_nothing_to_restore()
    {
        var snapshot = await _maker.SnapshotAsync(BlobId.Of("nowhere"u8));
        await Assert.ThrowsAsync<DamagedRepositoryException>(() => _world.RestoreAsync(_maker.Repository, snapshot));
    }

    [Fact]
    public async Task A_pack_that_cannot_be_read_is_like_one_that_is_gone_but_a_store_that_is_down_ends_it()
    {
        var (bad, pack) = await _maker.StoreAsync(BlobType.Data, "bad"u8.ToArray());
        var snapshot = await _maker.SnapshotAsync(SnapshotMaker.Node(NodeType.File, "bad") with { Content = [bad], SizeBytes = 3 }, await _maker.FileAsync("good", "x"));
        var store = new CountingStore(_maker.Repository.Store) { Fails = id => pack.EndsWith(id.ToString(), StringComparison.Ordinal) };
        using var repository = await Repository.OpenAsync(store, RepositoryWorld.Password, Cancellation);
        var result = await _world.RestoreAsync(repository, snapshot);
        Assert.Equal(["/bad Damaged"], RestoreWorld.Problems(result));
        Assert.Equal(["good"], _world.Entries());

        store.Fails = id =>
        {
            store.IsDown = pack.EndsWith(id.ToString(), StringComparison.Ordinal);
            return store.IsDown;
        };
        await Assert.ThrowsAsync<StorageUnavailableException>(() => _world.RestoreAsync(repository, snapshot));
        Assert.Equal(["good"], _world.Entries());
    }
}
