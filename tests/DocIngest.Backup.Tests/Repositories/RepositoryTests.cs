using DocIngest.Backup.Crypto;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Backup.Tests.Stores;
using DocIngest.Storage;

namespace DocIngest.Backup.Tests.Repositories;

public sealed class RepositoryTests
{
    private readonly MemoryFolder _folder = RepositoryWorld.NewFolder();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_made_can_be_opened()
    {
        using var made = await RepositoryWorld.InitAsync(_folder);
        using var opened = await RepositoryWorld.OpenAsync(_folder);
        Assert.Equal(made.Config, opened.Config);
        Assert.Equal(made.KeyId, opened.KeyId);
        Assert.Equal(2, opened.Config.Version);
        Assert.True(opened.Config.ChunkerPolynomial.IsUsable);
        Assert.Matches("^[0-9a-f]{64}$", opened.Config.Id);
        Assert.Equal(2, _folder.Files("").Count);
    }

    [Fact]
    public async Task Two_repositories_have_nothing_in_common()
    {
        using var one = await RepositoryWorld.InitAsync(_folder);
        using var other = await RepositoryWorld.InitAsync(RepositoryWorld.NewFolder());
        Assert.NotEqual(one.Config.Id, other.Config.Id);
        Assert.NotEqual(one.Config.ChunkerPolynomial, other.Config.ChunkerPolynomial);
        Assert.NotEqual(Exported(one.Key), Exported(other.Key));
    }

    [Fact]
    public async Task Another_password_is_wrong()
    {
        using var made = await RepositoryWorld.InitAsync(_folder);
        await Assert.ThrowsAsync<WrongPasswordException>(() => Repository.OpenAsync(new FolderStore(_folder), "correct hors"u8.ToArray(), Cancellation));
    }

    [Fact]
    public async Task The_master_key_opens_it_without_a_password()
    {
        using var made = await RepositoryWorld.InitAsync(_folder);
        using var opened = await Repository.OpenAsync(new FolderStore(_folder), new MasterKey(Exported(made.Key)), Cancellation);
        Assert.Equal(made.Config, opened.Config);
        Assert.Null(opened.KeyId);
        await Assert.ThrowsAsync<DamagedRepositoryException>(() => Repository.OpenAsync(new FolderStore(_folder), MasterKey.Draw(), Cancellation));
    }

    [Theory]
    [InlineData("config")]
    [InlineData("keys/ac08ce34ba4f8123618661bef2425f7028ffb9ac740578a3ee88684d2523fee8")]
    [InlineData("snapshots/ac08ce34ba4f8123618661bef2425f7028ffb9ac740578a3ee88684d2523fee8")]
    [InlineData("index/ac08ce34ba4f8123618661bef2425f7028ffb9ac740578a3ee88684d2523fee8")]
    [InlineData("data/ac/ac08ce34ba4f8123618661bef2425f7028ffb9ac740578a3ee88684d2523fee8")]
    public async Task None_is_made_where_there_is_a_part_of_one(string path)
    {
        _folder.Write(path, [1, 2, 3]);
        await Assert.ThrowsAsync<RepositoryExistsException>(() => RepositoryWorld.InitAsync(_folder));
        Assert.Equal([path], _folder.Files(""));
    }

    [Fact]
    public async Task Other_files_in_the_folder_are_no_part_of_one()
    {
        _folder.Write("README.txt", [1]);
        using var made = await RepositoryWorld.InitAsync(_folder);
        Assert.Contains("README.txt", _folder.Files(""));
    }

    [Fact]
    public async Task Stopped_while_it_is_made_it_is_whole_or_no_repository()
    {
        foreach (var choice in PowerCutChoice.Samples(4))
        {
            bool isWhole = false;
            for (int n = 1; !isWhole; n++)
            {
                var folder = RepositoryWorld.NewFolder();
                var plan = new FaultPlan(n, FaultKind.PowerCut);
                var error = await Record.ExceptionAsync(async () => (await RepositoryWorld.InitAsync(new FaultyFolder(folder, plan))).Dispose());
                folder.Volume.PowerCut(choice);
                isWhole = error is null;
                if (folder.Find("config") is null)
                {
                    Assert.True(plan.Fired);
                    (await RepositoryWorld.InitAsync(folder)).Dispose();   // goes on from there
                }

                (await RepositoryWorld.OpenAsync(folder)).Dispose();
                Assert.Equal(1, await KeyCountAsync(folder));
            }
        }
    }

    [Fact]
    public async Task A_key_left_without_config_is_gone_on_with_by_its_password_alone()
    {
        using var begun = await RepositoryWorld.InitAsync(_folder);
        _folder.Delete("config");
        var left = _folder.Files("");
        await Assert.ThrowsAsync<RepositoryExistsException>(() => InitAsync(new FolderStore(_folder), "another"));
        Assert.Equal(left, _folder.Files(""));
        using var made = await RepositoryWorld.InitAsync(_folder);
        Assert.Equal(begun.KeyId, made.KeyId);
        Assert.Equal(Exported(begun.Key), Exported(made.Key));
        using var opened = await RepositoryWorld.OpenAsync(_folder);
        Assert.Equal(made.Config, opened.Config);
    }

    [Fact]
    public async Task Where_config_cannot_be_made_the_key_is_taken_back()
    {
        var store = OnceThereIsAKey(() => throw new StorageFullException("No room."));
        await Assert.ThrowsAsync<StorageFullException>(() => InitAsync(store, "first"));
        Assert.Empty(_folder.Files(""));
        (await InitAsync(store, "another")).Dispose();
    }

    [Fact]
    public async Task Where_somebody_else_was_first_the_key_is_taken_back()
    {
        var others = RepositoryWorld.NewFolder();
        (await RepositoryWorld.InitAsync(others)).Dispose();
        var store = OnceThereIsAKey(() =>
        {
            foreach (string path in others.Files(""))
                _folder.Write(path, others.Read(path));
        });
        await Assert.ThrowsAsync<RepositoryExistsException>(() => InitAsync(store, "first"));
        Assert.Equal(others.Files(""), _folder.Files(""));
        (await RepositoryWorld.OpenAsync(_folder)).Dispose();
    }

    [Fact]
    public async Task The_key_of_a_config_stays_although_the_answer_was_lost()
    {
        FailingStore? store = null;
        store = OnceThereIsAKey(() => store?.FailAfter(new StorageUnavailableException("Lost.")));
        await Assert.ThrowsAsync<StorageUnavailableException>(() => InitAsync(store, "first"));
        (await Repository.OpenAsync(new FolderStore(_folder), "first"u8.ToArray(), Cancellation)).Dispose();
    }

    [Fact]
    public async Task A_key_taken_back_by_whoever_began_is_made_again()
    {
        using var begun = await RepositoryWorld.InitAsync(_folder);
        _folder.Delete("config");
        var store = new FailingStore(new FolderStore(_folder));
        store.BeforeCall = () =>
        {
            if (_folder.Find("config") is not null && _folder.Find($"keys/{begun.KeyId}") is not null)
                _folder.Delete($"keys/{begun.KeyId}");
            return Task.CompletedTask;
        };
        using var made = await Repository.InitAsync(store, RepositoryWorld.Password, RepositoryWorld.Cheap, RepositoryWorld.Origin, Cancellation);
        using var opened = await RepositoryWorld.OpenAsync(_folder);
        Assert.Equal(made.KeyId, opened.KeyId);
        Assert.NotEqual(begun.KeyId, opened.KeyId);
    }

    [Theory]
    [InlineData("""{"version":3,"id":"00","chunker_polynomial":"3da3358b4dc173"}""", typeof(UnsupportedRepositoryException))]
    [InlineData("""{"version":0,"id":"00","chunker_polynomial":"3da3358b4dc173"}""", typeof(UnsupportedRepositoryException))]
    [InlineData("""{"version":2,"id":"00","chunker_polynomial":"3da3358b4dc172"}""", typeof(DamagedRepositoryException))]   // even: reducible
    [InlineData("""{"version":2,"id":"00","chunker_polynomial":"7"}""", typeof(DamagedRepositoryException))]
    [InlineData("""{"version":2,"id":"00"}""", typeof(DamagedRepositoryException))]
    [InlineData("""{"version":"2","id":"00","chunker_polynomial":"3da3358b4dc173"}""", typeof(DamagedRepositoryException))]
    [InlineData("""[2]""", typeof(DamagedRepositoryException))]
    [InlineData("rubbish", typeof(DamagedRepositoryException))]
    [InlineData("""{"version":2,"id":"00","chunker_polynomial":"3da3358b4dc173","append_only":true,"x":{"y":[1]}}""", null)]
    [InlineData("""{"version":1,"chunker_polynomial":"3DA3358B4DC173"}""", null)]
    public async Task A_config_is_taken_where_restic_takes_it(string json, Type? expected)
    {
        using var made = await RepositoryWorld.InitAsync(_folder);
        byte[] content = new byte[System.Text.Encoding.UTF8.GetByteCount(json) + MasterKey.Overhead];
        made.Key.Seal(System.Text.Encoding.UTF8.GetBytes(json), content);
        _folder.Write("config", content);
        var error = await Record.ExceptionAsync(async () => (await RepositoryWorld.OpenAsync(_folder)).Dispose());
        Assert.Equal(expected, error?.GetType());
    }

    [Fact]
    public async Task Sealed_documents_come_back_as_they_were()
    {
        using var repository = await RepositoryWorld.InitAsync(_folder);
        byte[] json = System.Text.Encoding.UTF8.GetBytes($$"""{"a":"{{new string('x', 300_000)}}"}""");
        var id = await repository.SaveUnpackedAsync(FileKind.Index, json, Cancellation);
        using var loaded = await repository.LoadUnpackedAsync(FileKind.Index, id, Cancellation);
        Assert.Equal(json, loaded.Span);
        Assert.True(_folder.Read($"index/{id}").Length < 1000);   // compressed
    }

    [Fact]
    public async Task Version_2_reads_documents_that_are_not_compressed()
    {
        using var repository = await RepositoryWorld.InitAsync(_folder);
        Assert.Equal("""{"packs":[]}""", await LoadAsync(repository, [.. """{"packs":[]}"""u8]));
        Assert.Equal("[1]", await LoadAsync(repository, [.. "[1]"u8]));
        Assert.Equal("", await LoadAsync(repository, []));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("\u0001{}")]
    [InlineData("\u0002")]
    [InlineData("\u0002{}")]
    public async Task Version_2_refuses_other_forms(string payload)
    {
        using var repository = await RepositoryWorld.InitAsync(_folder);
        if (payload != "\u0002")
            await Assert.ThrowsAsync<DamagedRepositoryException>(() => LoadAsync(repository, System.Text.Encoding.UTF8.GetBytes(payload)));
        else
            Assert.Equal("", await LoadAsync(repository, [2]));
    }

    [Fact]
    public async Task A_document_that_claims_16_GiB_is_refused_before_memory_is_taken()
    {
        using var repository = await RepositoryWorld.InitAsync(_folder);
        long before = GC.GetTotalAllocatedBytes();
        var error = await Assert.ThrowsAsync<DamagedRepositoryException>(
            () => LoadAsync(repository, [2, .. Compression.ZstdTests.Declaring(16L << 30)]));
        Assert.Equal(FileKind.Index, error.Kind);
        Assert.True(GC.GetTotalAllocatedBytes() - before < 100_000_000);
    }

    private async Task<string> LoadAsync(Repository repository, byte[] payload)
    {
        byte[] content = new byte[payload.Length + MasterKey.Overhead];
        repository.Key.Seal(payload, content);
        var id = FileId.Of(content);
        _folder.Write($"index/{id}", content);
        using var loaded = await repository.LoadUnpackedAsync(FileKind.Index, id, Cancellation);
        return System.Text.Encoding.UTF8.GetString(loaded.Span);
    }

    /// <summary>A store on the folder that does something before the first call after the key was saved.</summary>
    private FailingStore OnceThereIsAKey(Action act)
    {
        bool isDone = false;
        return new FailingStore(new FolderStore(_folder))
        {
            BeforeCall = () =>
            {
                if (isDone || _folder.Files("keys").Count == 0)
                    return Task.CompletedTask;
                isDone = true;
                act();
                return Task.CompletedTask;
            },
        };
    }

    private static Task<Repository> InitAsync(IRepositoryStore store, string password) => Repository.InitAsync(
        store, System.Text.Encoding.UTF8.GetBytes(password), RepositoryWorld.Cheap, RepositoryWorld.Origin, Cancellation);

    private static async Task<int> KeyCountAsync(IDurableFolder folder) => await new FolderStore(folder).ListAsync(FileKind.Key, Cancellation).CountAsync(Cancellation);

    private static byte[] Exported(MasterKey key)
    {
        byte[] exported = new byte[MasterKey.SizeBytes];
        key.Export(exported);
        return exported;
    }
}
