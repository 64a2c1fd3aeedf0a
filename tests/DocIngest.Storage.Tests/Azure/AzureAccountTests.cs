using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Sas;
using DocIngest.TestKit.Servers;

namespace DocIngest.Storage.Tests;

public sealed class AzureAccountTests(Azurite azurite)
{
    private const string Key = "c2VjcmV0";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("?")]
    public async Task A_signature_for_one_container_opens_it(string before)
    {
        string container = Azurite.NewContainer();
        await new AzureBlobStore(azurite.Account, container).CreateContainerAsync(Cancellation);
        var account = azurite.Account with { Key = null, SharedAccessSignature = before + Signature(container, BlobContainerSasPermissions.All) };
        var store = new AzureBlobStore(account, container);
        await store.PutIfAbsentAsync("a", new MemoryStream([1, 2, 3]), Cancellation);
        Assert.Equal(3, (await store.FindAsync("a", Cancellation))?.SizeBytes);
        Assert.Equal(1, await store.ListAsync("", Cancellation).CountAsync(Cancellation));
        await store.DeleteAsync("a", null, Cancellation);
    }

    [Fact]
    public async Task What_a_signature_does_not_allow_is_denied()
    {
        string container = Azurite.NewContainer();
        var owner = new AzureBlobStore(azurite.Account, container);
        await owner.CreateContainerAsync(Cancellation);
        await owner.PutIfAbsentAsync("a", new MemoryStream([1]), Cancellation);
        var account = azurite.Account with { Key = null, SharedAccessSignature = Signature(container, BlobContainerSasPermissions.Read) };
        var reader = new AzureBlobStore(account, container);
        Assert.NotNull(await reader.FindAsync("a", Cancellation));
        await Assert.ThrowsAsync<StorageDeniedException>(() => reader.DeleteAsync("a", null, Cancellation));
        await Assert.ThrowsAsync<StorageDeniedException>(() => reader.PutIfAbsentAsync("b", new MemoryStream([1]), Cancellation));
    }

    [Theory]
    [InlineData("http://192.0.2.1/account")]
    [InlineData("ftp://127.0.0.1/account")]
    public void One_beyond_this_machine_is_reached_by_https_alone(string endpoint) =>
        Assert.Throws<ArgumentException>(() => new AzureBlobStore(new AzureAccount("account") { Key = Key, Endpoint = new Uri(endpoint) }, "container"));

    [Theory]
    [InlineData("container", "no base64!", "account")]
    [InlineData("ab", Key, "account")]
    [InlineData("Container", Key, "account")]
    [InlineData("con--tainer", Key, "account")]
    [InlineData("con/tainer", Key, "account")]
    [InlineData("container", Key, "Account")]
    [InlineData("container", Key, "evil.example/")]
    public void What_Azure_cannot_be_asked_with_is_refused(string container, string key, string account) =>
        Assert.Throws<ArgumentException>(() => new AzureBlobStore(new AzureAccount(account) { Key = key }, container));

    private string Signature(string container, BlobContainerSasPermissions permissions)
    {
        var credential = new StorageSharedKeyCredential(azurite.Account.Name, azurite.Account.Key);
        var client = new BlobContainerClient(new Uri($"{azurite.Account.Endpoint}/{container}"), credential);
        return client.GenerateSasUri(permissions, TimeProvider.System.GetUtcNow().AddDays(1)).Query.TrimStart('?');
    }
}
