using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Storage;
using DocIngest.TestKit;
using DocIngest.TestKit.Servers;

namespace DocIngest.Backup.Tests.Stores;

/// <summary>What we put behind a server or into Azure, the real restic checks and restores.</summary>
public sealed class When_restic_meets_a_remote_store(Azurite azurite, SharedRclone rclone) : IDisposable
{
    private const string Password = "correct horse";

    private readonly TempFolder _temp = new(inMemory: true);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Behind_the_same_server_each_reads_what_the_other_wrote()
    {
        Needs.Tool("restic");
        var address = rclone.Server.NewRepository();
        using var store = new RestStore(address, null, TimeProvider.System);
        using var repository = await InitAsync(store);
        await RepositoryWorld.FillAsync(repository);
        var restic = new ResticProgram($"rest:{address}", Password);
        Assert.Contains("no errors were found", await restic.RunAsync("check", "--read-data"));
        await AssertRestoresAsync(restic);
        _temp.Folder("source");
        _temp.File("source/text", new string('x', 100_000));
        await restic.RunAsync("backup", _temp["source"]);
        Assert.Equal(2, await repository.ListSnapshotsAsync(Cancellation).CountAsync(Cancellation));
        var index = await repository.LoadIndexAsync(Cancellation);
        for (int number = 0; number < index.Count; number++)
            (await repository.LoadBlobAsync(index[number], Cancellation)).Dispose();
    }

    [Fact]
    public async Task A_container_copied_into_a_folder_is_a_repository()
    {
        Needs.Tool("restic");
        var blobs = new AzureBlobStore(azurite.Account, Azurite.NewContainer(), "");
        await blobs.CreateContainerAsync(Cancellation);
        using (var repository = await InitAsync(new ContainerStore(blobs)))
            await RepositoryWorld.FillAsync(repository);
        await CopyAsync(blobs, "");
        var restic = new ResticProgram(_temp["mirror"], Password);
        Assert.Contains("no errors were found", await restic.RunAsync("check", "--read-data"));
        await AssertRestoresAsync(restic);
    }

    [Fact]
    public async Task Blobs_have_the_names_of_restics_files_below_the_prefix()
    {
        string container = Azurite.NewContainer();
        var whole = new AzureBlobStore(azurite.Account, container);
        await whole.CreateContainerAsync(Cancellation);
        var store = new ContainerStore(new AzureBlobStore(azurite.Account, container, "backups/hospital"));
        byte[] content = "content"u8.ToArray();
        string id = $"{FileId.Of(content)}";
        foreach (var kind in RepositoryStoreContract.Kinds.Select(row => row.Data))
            await store.SaveAsync(kind, FileId.Of(content), content, Cancellation);
        await store.CreateConfigAsync(content, Cancellation);
        string[] expected = ["config", $"data/{id[..2]}/{id}", $"index/{id}", $"keys/{id}", $"locks/{id}", $"snapshots/{id}"];
        Assert.Equal(
            expected.Select(name => $"backups/hospital/{name}"),
            await whole.ListAsync("", Cancellation).Select(blob => blob.Name).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task What_restic_made_is_read_from_a_container()
    {
        var folder = ResticFixture.Folder(ResticFixture.Made2);
        var blobs = new AzureBlobStore(azurite.Account, Azurite.NewContainer(), "a prefix");
        await blobs.CreateContainerAsync(Cancellation);
        foreach (string path in folder.Files(""))
            await blobs.PutIfAbsentAsync(path, new MemoryStream(folder.Read(path)), Cancellation);
        using var repository = await Repository.OpenAsync(new ContainerStore(blobs), ResticFixture.Password, Cancellation);
        var index = await repository.LoadIndexAsync(Cancellation);
        Assert.Equal(42, index.Count);
        for (int number = 0; number < index.Count; number++)
            (await repository.LoadBlobAsync(index[number], Cancellation)).Dispose();
    }

    public void Dispose() => _temp.Dispose();

    private static Task<Repository> InitAsync(IRepositoryStore store) =>
        Repository.InitAsync(store, RepositoryWorld.Password, RepositoryWorld.Cheap, RepositoryWorld.Origin, Cancellation);

    private async Task AssertRestoresAsync(ResticProgram restic)
    {
        await restic.RunAsync("restore", "latest", "--target", _temp["restored"], "--verify");
        Assert.Equal(RepositoryWorld.Data, await File.ReadAllBytesAsync(_temp["restored/file"], Cancellation));
    }

    /// <summary>What any tool that copies a container does.</summary>
    private async Task CopyAsync(AzureBlobStore blobs, string prefix)
    {
        await foreach (var blob in blobs.ListAsync(prefix, Cancellation))
        {
            string file = _temp[$"mirror/{blob.Name}"];
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);   // '!': it lies in the mirror
            await using var content = await blobs.OpenReadAsync(blob.Name, 0, null, Cancellation);
            await using var copy = File.Create(file);
            await content.CopyToAsync(copy, Cancellation);
        }
    }
}
