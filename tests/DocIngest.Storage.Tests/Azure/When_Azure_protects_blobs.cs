using DocIngest.TestKit.Servers;

namespace DocIngest.Storage.Tests;

/// <summary>
/// No emulator has version-level immutability or legal hold. So what is asked of Azure is looked at on the wire, with answers in the form of its reference; and the emulator shows what
/// a place answers that cannot do it.
/// </summary>
public sealed class When_Azure_protects_blobs(Azurite azurite)
{
    private const string Key = "c2VjcmV0";
    private const string Done = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

    private static readonly DateTimeOffset Until = new(2027, 2, 3, 4, 5, 6, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_time_is_asked_for_unlocked_and_for_the_blob_alone()
    {
        using var server = new CannedServer(Done);
        await Protection(server).KeepUntilAsync("v1/content/original.pdf", Until, Cancellation);
        string head = Assert.Single(server.Heads);
        Assert.StartsWith("PUT /account/container/archive/v1/content/original.pdf?comp=immutabilityPolicies HTTP/1.1\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nx-ms-immutability-policy-until-date: Wed, 03 Feb 2027 04:05:06 GMT\r\n", head, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("\r\nx-ms-immutability-policy-mode: unlocked\r\n", head, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_legal_hold_is_put_on_and_taken_off(bool isHeld)
    {
        using var server = new CannedServer($"HTTP/1.1 200 OK\r\nx-ms-legal-hold: {(isHeld ? "true" : "false")}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        await Protection(server).SetLegalHoldAsync("a", isHeld, Cancellation);
        string head = Assert.Single(server.Heads);
        Assert.StartsWith("PUT /account/container/archive/a?comp=legalhold HTTP/1.1\r\n", head, StringComparison.Ordinal);
        Assert.Contains($"\r\nx-ms-legal-hold: {(isHeld ? "true" : "false")}\r\n", head, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public async Task The_container_says_whether_it_can(string header, bool isSupported)
    {
        using var server = new CannedServer(
            $"HTTP/1.1 200 OK\r\nETag: \"1\"\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\nx-ms-immutable-storage-with-versioning-enabled: {header}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        Assert.Equal(isSupported, await Protection(server).IsSupportedAsync(Cancellation));
        Assert.StartsWith("GET /account/container?restype=container HTTP/1.1\r\n", Assert.Single(server.Heads), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_protects_blobs_comes_with_their_listing()
    {
        using var server = new CannedServer(Listed(
            Blob("archive/a", "<ImmutabilityPolicyUntilDate>Wed, 03 Feb 2027 04:05:06 GMT</ImmutabilityPolicyUntilDate><ImmutabilityPolicyMode>unlocked</ImmutabilityPolicyMode>"),
            Blob("archive/b", "<LegalHold>true</LegalHold>"),
            Blob("archive/c", "")));
        var listed = await Protection(server).ListAsync("", Cancellation).ToListAsync(Cancellation);
        Assert.Equal([new ProtectedBlob("a", Until, IsHeld: false), new ProtectedBlob("b", null, IsHeld: true), new ProtectedBlob("c", null, IsHeld: false)], listed);
        Assert.Contains("include=immutabilitypolicy,legalhold", Uri.UnescapeDataString(Assert.Single(server.Heads)), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Former_versions_are_deleted_by_their_id_and_the_current_one_stays()
    {
        using var server = new CannedServer(head => head.StartsWith("DELETE", StringComparison.Ordinal)
            ? "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            : Listed(
                Blob("archive/gone", "", "<VersionId>2026-01-01T00:00:00.0000000Z</VersionId>"),
                Blob("archive/there", "", "<VersionId>2026-01-02T00:00:00.0000000Z</VersionId>"),
                Blob("archive/there", "", "<VersionId>2026-01-03T00:00:00.0000000Z</VersionId><IsCurrentVersion>true</IsCurrentVersion>")));
        await Protection(server).DeleteFormerVersionsAsync("", Cancellation);
        Assert.Contains("&include=versions", server.Heads[0], StringComparison.OrdinalIgnoreCase);
        Assert.Equal(
            ["DELETE /account/container/archive/gone?versionid=2026-01-01T00:00:00.0000000Z", "DELETE /account/container/archive/there?versionid=2026-01-02T00:00:00.0000000Z"],
            server.Heads.Skip(1).Select(head => Uri.UnescapeDataString(head.Split(" HTTP/")[0])));
    }

    [Theory]
    [InlineData("409 Conflict", "BlobImmutableDueToPolicy", typeof(StorageDeniedException))]
    [InlineData("403 Forbidden", "AuthorizationPermissionMismatch", typeof(StorageDeniedException))]
    [InlineData("404 Not Found", "BlobNotFound", typeof(EntryNotFoundException))]
    [InlineData("503 Service Unavailable", "ServerBusy", typeof(StorageUnavailableException))]
    public async Task An_answer_is_told_by_what_can_be_done(string status, string code, Type expected)
    {
        using var server = new CannedServer($"HTTP/1.1 {status}\r\nx-ms-error-code: {code}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        Assert.IsType(expected, await Record.ExceptionAsync(() => Protection(server).KeepUntilAsync("a", Until, Cancellation)));
        Assert.IsType(expected, await Record.ExceptionAsync(() => Protection(server).SetLegalHoldAsync("a", isHeld: true, Cancellation)));
        Assert.Equal(2, server.Requests);
    }

    [Fact]
    public async Task The_emulator_cannot_and_says_so()
    {
        var store = new AzureBlobStore(azurite.Account, Azurite.NewContainer(), "archive");
        await store.CreateContainerAsync(Cancellation);
        await store.PutIfAbsentAsync("a", new MemoryStream([1]), Cancellation);
        var protection = store.Protection ?? throw new InvalidOperationException("Azure has it.");
        Assert.False(await protection.IsSupportedAsync(Cancellation));
        await Assert.ThrowsAnyAsync<StorageException>(() => protection.KeepUntilAsync("a", DateTimeOffset.UnixEpoch.AddYears(130), Cancellation));
        await Assert.ThrowsAnyAsync<StorageException>(() => protection.SetLegalHoldAsync("a", isHeld: true, Cancellation));
        Assert.Equal([new ProtectedBlob("a", null, IsHeld: false)], await protection.ListAsync("", Cancellation).ToListAsync(Cancellation));
    }

    private static IBlobProtection Protection(CannedServer server) =>
        new AzureBlobStore(new AzureAccount("account") { Key = Key, Endpoint = new Uri(server.Address, "account") }, "container", "archive").Protection
        ?? throw new InvalidOperationException("Azure has it.");

    private static string Blob(string name, string properties, string version = "") =>
        $"<Blob><Name>{name}</Name>{version}<Properties><Etag>1</Etag><Content-Length>1</Content-Length><BlobType>BlockBlob</BlobType>{properties}</Properties></Blob>";

    private static string Listed(params string[] blobs)
    {
        string body = $"<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults ServiceEndpoint=\"http://127.0.0.1/\" ContainerName=\"container\"><Blobs>{string.Concat(blobs)}</Blobs><NextMarker /></EnumerationResults>";
        return $"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}";
    }
}
