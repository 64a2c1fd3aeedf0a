using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Storage;
using DocIngest.TestKit;
using DocIngest.TestKit.Servers;

namespace DocIngest.Backup.Tests.Stores;

/// <summary>From a name to a repository, over each kind of place.</summary>
public sealed class StoreOpeningTests(Azurite azurite, SharedRclone rclone) : IDisposable
{
    private readonly TempFolder _temp = new(inMemory: true);
    private readonly LocalVolumes _volumes = new(Durability.File);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task In_a_folder_a_repository_is_made_and_opened()
    {
        await MadeAndOpenedAsync(_temp["some/where/new"], StoreCredentials.None);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_temp["some/where/new"]));
            Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(_temp["some/where/new/config"]));
        }
    }

    [Fact]
    public Task In_Azure_a_repository_is_made_and_opened() =>
        MadeAndOpenedAsync($"azure:{Azurite.NewContainer()}:/hospital", new StoreCredentials { Azure = azurite.Account });

    [Fact]
    public Task Behind_a_server_a_repository_is_made_and_opened() => MadeAndOpenedAsync($"rest:{rclone.Server.NewRepository()}", StoreCredentials.None);

    [Fact]
    public async Task A_folder_that_is_not_there_is_not_made_by_opening_it()
    {
        using var opened = Opening(StoreCredentials.None).Open(RepositoryLocation.Parse(_temp["missing"]));
        await Assert.ThrowsAsync<StorageUnavailableException>(() => Repository.OpenAsync(opened.Store, RepositoryWorld.Password, Cancellation));
        Assert.False(Directory.Exists(_temp["missing"]));
    }

    [Fact]
    public async Task A_container_that_is_not_there_is_neither_made_nor_waited_for()
    {
        using var opened = Opening(new StoreCredentials { Azure = azurite.Account }).Open(RepositoryLocation.Parse($"azure:{Azurite.NewContainer()}:/"));
        await Assert.ThrowsAsync<RepositoryNotFoundException>(() => Repository.OpenAsync(opened.Store, RepositoryWorld.Password, Cancellation));
        await Assert.ThrowsAsync<ContainerNotFoundException>(() => opened.Store.SaveAsync(FileKind.Pack, FileId.Of([]), ReadOnlyMemory<byte>.Empty, Cancellation));
        await Assert.ThrowsAsync<ContainerNotFoundException>(async () => await opened.Store.ListAsync(FileKind.Pack, Cancellation).CountAsync(Cancellation));
    }

    [Fact]
    public void Without_an_account_nothing_is_asked_of_Azure()
    {
        var error = Assert.Throws<RepositoryLocationException>(() => Opening(StoreCredentials.None).Open(RepositoryLocation.Parse("azure:backups:/")));
        Assert.Contains("AZURE_ACCOUNT_NAME", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("azure:NO:/", "hospital", "c2VjcmV0")]
    [InlineData("azure:a/b:/", "hospital", "c2VjcmV0")]
    [InlineData("azure:backups:/", "Hospital!", "c2VjcmV0")]
    [InlineData("azure:backups:/", "hospital", "secret no base64")]
    public void What_Azure_cannot_be_asked_with_is_refused_before(string name, string account, string key)
    {
        var opening = Opening(new StoreCredentials { Azure = new AzureAccount(account) { Key = key } });
        var error = Assert.Throws<RepositoryLocationException>(() => opening.Open(RepositoryLocation.Parse(name)));
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_credentials_of_the_name_come_before_the_general_ones()
    {
        using var server = ScriptedHandler.Answering(System.Net.HttpStatusCode.NotFound);
        var opening = new StoreOpening(_volumes, new StoreCredentials { Rest = new RestCredentials("general", "") }, TimeProvider.System) { RestHandler = server };
        foreach (var (name, user) in new[] { ("rest:https://own@backup.example/", "own"), ("rest:https://backup.example/", "general") })
        {
            using var opened = opening.Open(RepositoryLocation.Parse(name));
            Assert.Null(await opened.Store.ReadConfigAsync(Cancellation));
            Assert.Equal(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{user}:")), server.Last?.Headers.Authorization?.Parameter);
        }
    }

    [Fact]
    public async Task A_remote_store_tries_again()
    {
        using var server = ScriptedHandler.Answering(
            ScriptedHandler.Answer(System.Net.HttpStatusCode.BadGateway), ScriptedHandler.Answer(System.Net.HttpStatusCode.OK),
            ScriptedHandler.Answer(System.Net.HttpStatusCode.BadGateway), ScriptedHandler.Answer(System.Net.HttpStatusCode.NotFound));
        var told = new List<StoreRetry>();
        var opening = new StoreOpening(_volumes, StoreCredentials.None, new JumpingClock { LongestPause = TimeSpan.FromMinutes(1) }) { RestHandler = server, Retrying = told.Add };
        using var opened = await opening.CreateAsync(RepositoryLocation.Parse("rest:https://backup.example/"), Cancellation);
        Assert.Null(await opened.Store.ReadConfigAsync(Cancellation));
        Assert.Equal(2, told.Count);
    }

    public void Dispose()
    {
        _volumes.Dispose();
        _temp.Dispose();
    }

    private StoreOpening Opening(StoreCredentials credentials) => new(_volumes, credentials, TimeProvider.System);

    private async Task MadeAndOpenedAsync(string name, StoreCredentials credentials)
    {
        var location = RepositoryLocation.Parse(name);
        using (var created = await Opening(credentials).CreateAsync(location, Cancellation))
        {
            Assert.Equal(location.DisplayName, created.Store.DisplayName);
            using var repository = await Repository.InitAsync(created.Store, RepositoryWorld.Password, RepositoryWorld.Cheap, RepositoryWorld.Origin, Cancellation);
            await RepositoryWorld.FillAsync(repository);
            await Assert.ThrowsAsync<RepositoryExistsException>(
                () => Repository.InitAsync(created.Store, RepositoryWorld.Password, RepositoryWorld.Cheap, RepositoryWorld.Origin, Cancellation));
        }

        using var opened = Opening(credentials).Open(location);
        using var again = await Repository.OpenAsync(opened.Store, RepositoryWorld.Password, Cancellation);
        var index = await again.LoadIndexAsync(Cancellation);
        using var blob = await again.LoadBlobAsync(index, BlobType.Data, BlobId.Of(RepositoryWorld.Data), Cancellation);
        Assert.Equal(RepositoryWorld.Data, blob.Memory.ToArray());
        Assert.NotNull(Assert.Single(await again.ListSnapshotsAsync(Cancellation).ToListAsync(Cancellation)).Snapshot);
    }
}
