using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;
using DocIngest.Storage;
using DocIngest.TestKit;
using DocIngest.TestKit.Servers;

namespace DocIngest.Backup.Tests.Stores;

/// <summary>Servers that guard themselves.</summary>
public sealed class When_rclone_serves : IDisposable
{
    private static readonly byte[] Content = "content"u8.ToArray();

    private static readonly FileId Id = FileId.Of(Content);

    private readonly TempFolder _temp = new(inMemory: true);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_has_the_password_comes_in_and_nobody_else()
    {
        using var rclone = await Rclone.StartAsync("--user", "anna", "--pass", "pass:wörd");
        using var right = new RestStore(rclone.Address, new RestCredentials("anna", "pass:wörd"), TimeProvider.System);
        await right.SaveAsync(FileKind.Pack, Id, Content, Cancellation);
        Assert.Equal(Content, await right.ReadAllAsync(FileKind.Pack, Id, 100, Cancellation));
        foreach (var credentials in new[] { null, new RestCredentials("anna", "wrong") })
        {
            using var wrong = new RestStore(rclone.Address, credentials, TimeProvider.System);
            await Assert.ThrowsAsync<StorageDeniedException>(() => wrong.ReadConfigAsync(Cancellation));
            await Assert.ThrowsAsync<StorageDeniedException>(() => wrong.SaveAsync(FileKind.Pack, Id, Content, Cancellation));
            await Assert.ThrowsAsync<StorageDeniedException>(async () => await wrong.ListAsync(FileKind.Pack, Cancellation).CountAsync(Cancellation));
        }
    }

    [Fact]
    public async Task What_only_appends_takes_everything_and_gives_up_locks_alone()
    {
        using var rclone = await Rclone.StartAsync("--append-only");
        using var store = new RestStore(rclone.Address, null, TimeProvider.System);
        await store.CreateAsync(Cancellation);
        using var repository = await Repository.InitAsync(store, RepositoryWorld.Password, RepositoryWorld.Cheap, RepositoryWorld.Origin, Cancellation);
        await RepositoryWorld.FillAsync(repository);
        foreach (var kind in RepositoryStoreContract.Kinds.Select(row => row.Data))
        {
            await store.SaveAsync(kind, Id, Content, Cancellation);
            await store.SaveAsync(kind, Id, Content, Cancellation);
            if (kind is FileKind.Lock)
            {
                await store.DeleteAsync(kind, Id, Cancellation);
                Assert.Null(await store.FindAsync(kind, Id, Cancellation));
                continue;
            }

            var error = await Assert.ThrowsAsync<StorageDeniedException>(() => store.DeleteAsync(kind, Id, Cancellation));
            Assert.Contains("only appends", error.Message, StringComparison.Ordinal);
            Assert.Equal(Content.Length, await store.FindAsync(kind, Id, Cancellation));
        }

        await Assert.ThrowsAsync<NameTakenException>(() => store.CreateConfigAsync(Content, Cancellation));
    }

    [Fact]
    public async Task What_only_appends_does_not_heal_and_says_so()
    {
        using var rclone = await Rclone.StartAsync("--append-only");
        using var store = new RestStore(rclone.Address, null, TimeProvider.System);
        await store.SaveAsync(FileKind.Index, Id, Content, Cancellation);
        await File.WriteAllBytesAsync(Path.Combine(rclone.Folder, "index", $"{Id}"), new byte[Content.Length], Cancellation);
        await Assert.ThrowsAsync<StorageDeniedException>(() => store.SaveAsync(FileKind.Index, Id, Content, Cancellation));
    }

    [Fact]
    public async Task A_certificate_of_the_house_is_trusted_where_the_caller_brings_it()
    {
        using var authority = NewAuthority();
        using var certificate = NewCertificate(authority);
        string chain = _temp.File("server.pem", $"{certificate.ExportCertificatePem()}\n{authority.ExportCertificatePem()}\n");
        string key = _temp.File("server.key", certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());   // '!': NewCertificate gave it one
        using var rclone = await Rclone.StartAsync("--cert", chain, "--key", key);
        var address = new UriBuilder(rclone.Address) { Scheme = Uri.UriSchemeHttps }.Uri;
        using var trusting = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { authority },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        };
        using var secure = new RestStore(address, null, TimeProvider.System, trusting);
        await secure.SaveAsync(FileKind.Pack, Id, Content, Cancellation);
        Assert.Equal(Content, await secure.ReadAllAsync(FileKind.Pack, Id, 100, Cancellation));
        using var careful = new RestStore(address, null, TimeProvider.System);
        var error = await Assert.ThrowsAsync<StorageDeniedException>(() => careful.ReadAllAsync(FileKind.Pack, Id, 100, Cancellation));
        Assert.Contains("not secure", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _temp.Dispose();

    private static X509Certificate2 NewAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Hospital", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
    }

    private static X509Certificate2 NewCertificate(X509Certificate2 authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=backup", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var end = TimeProvider.System.GetUtcNow().AddHours(1);
        using var certificate = request.Create(authority, end.AddHours(-2), end, [1, 2, 3, 4]);
        return certificate.CopyWithPrivateKey(key);
    }
}
