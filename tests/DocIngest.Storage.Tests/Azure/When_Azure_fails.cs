using DocIngest.TestKit.Servers;

namespace DocIngest.Storage.Tests;

/// <summary>Failures are told by what can be done about them, and nothing is tried twice.</summary>
public sealed class When_Azure_fails(Azurite azurite)
{
    private const string Key = "c2VjcmV0";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("400 Bad Request", "InvalidHeaderValue", typeof(StorageDeniedException))]
    [InlineData("401 Unauthorized", "NoAuthenticationInformation", typeof(StorageDeniedException))]
    [InlineData("403 Forbidden", "AuthorizationFailure", typeof(StorageDeniedException))]
    [InlineData("404 Not Found", "ContainerNotFound", typeof(ContainerNotFoundException))]
    [InlineData("404 Not Found", "BlobNotFound", typeof(EntryNotFoundException))]
    [InlineData("409 Conflict", "ContainerBeingDeleted", typeof(StorageUnavailableException))]
    [InlineData("409 Conflict", "BlobImmutableDueToPolicy", typeof(StorageDeniedException))]
    [InlineData("409 Conflict", "BlobArchived", typeof(StorageDeniedException))]
    [InlineData("412 Precondition Failed", "ConditionNotMet", typeof(PreconditionFailedException))]
    [InlineData("400 Bad Request", "Md5Mismatch", typeof(StorageUnavailableException))]
    [InlineData("400 Bad Request", "InvalidBlockList", typeof(PreconditionFailedException))]
    [InlineData("408 Request Timeout", "", typeof(StorageUnavailableException))]
    [InlineData("429 Too Many Requests", "", typeof(StorageUnavailableException))]
    [InlineData("500 Internal Server Error", "InternalError", typeof(StorageUnavailableException))]
    [InlineData("503 Service Unavailable", "ServerBusy", typeof(StorageUnavailableException))]
    public async Task An_answer_is_told_by_what_can_be_done(string status, string code, Type expected)
    {
        using var server = new CannedServer($"HTTP/1.1 {status}\r\nx-ms-error-code: {code}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        Assert.IsType(expected, await Record.ExceptionAsync(() => Store(server.Address).OpenReadAsync("a", 0, null, Cancellation)));
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task How_long_Azure_wants_to_be_left_alone_is_passed_on()
    {
        using var server = new CannedServer("HTTP/1.1 503 Busy\r\nx-ms-error-code: ServerBusy\r\nRetry-After: 12\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        var error = await Assert.ThrowsAsync<StorageUnavailableException>(() => Store(server.Address).FindAsync("a", Cancellation));
        Assert.Equal(TimeSpan.FromSeconds(12), error.RetryAfter);
    }

    [Fact]
    public async Task A_connection_that_breaks_off_is_unavailable()   // the framework itself connects anew at once, three times
    {
        using var server = new CannedServer("");
        var store = Store(server.Address);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => store.FindAsync("a", Cancellation));
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await store.ListAsync("", Cancellation).CountAsync(Cancellation));
        await Assert.ThrowsAsync<StorageUnavailableException>(() => store.DeleteAsync("a", null, Cancellation));
        await Assert.ThrowsAsync<StorageUnavailableException>(() => store.CreateContainerAsync(Cancellation));
        await Assert.ThrowsAsync<StorageUnavailableException>(() => store.TryLeaseAsync("a", TimeSpan.FromSeconds(15), Cancellation));
    }

    [Fact]
    public async Task Where_nobody_listens_it_is_unavailable()
    {
        Uri address;
        using (var server = new CannedServer(""))
            address = server.Address;
        await Assert.ThrowsAsync<StorageUnavailableException>(() => Store(address).PutIfAbsentAsync("a", new MemoryStream([1]), Cancellation));
    }

    [Fact]
    public async Task A_blob_that_breaks_off_in_the_middle_is_unavailable_not_short()
    {
        using var server = new CannedServer("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: 1000\r\nConnection: close\r\n\r\nhalf");
        await using var blob = await Store(server.Address).OpenReadAsync("a", 0, null, Cancellation);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => blob.CopyToAsync(Stream.Null, Cancellation));
    }

    [Fact]
    public async Task A_wrong_key_is_denied_by_Azurite_itself()
    {
        var store = new AzureBlobStore(azurite.Account with { Key = Key }, Azurite.NewContainer());
        await Assert.ThrowsAsync<StorageDeniedException>(() => store.FindAsync("a", Cancellation));
        await Assert.ThrowsAsync<StorageDeniedException>(() => store.PutIfAbsentAsync("a", new MemoryStream([1]), Cancellation));
    }

    [Fact]
    public async Task A_container_that_may_not_be_created_may_be_there_all_the_same()
    {
        string container = Azurite.NewContainer();
        await new AzureBlobStore(azurite.Account with { Key = Key }, container).CreateContainerAsync(Cancellation);
        await Assert.ThrowsAsync<ContainerNotFoundException>(() => new AzureBlobStore(azurite.Account, container).FindAsync("a", Cancellation));
    }

    private static AzureBlobStore Store(Uri address) => new(new AzureAccount("account") { Key = Key, Endpoint = new Uri(address, "account") }, "container");
}
