using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using DocIngest.Backup.Crypto;
using DocIngest.Backup.Keys;
using DocIngest.Backup.Repositories;
using DocIngest.Backup.Stores;

namespace DocIngest.Backup.Tests.Keys;

public sealed class KeyEscrowTests : IDisposable
{
    private readonly RSA _owner = RSA.Create(2048);
    private readonly MasterKey _key = MasterKey.Draw();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _owner.Dispose();
        _key.Dispose();
    }

    [Fact]
    public void What_was_sealed_opens_with_the_private_key_and_is_the_same_key()
    {
        using var certificate = Certificate(_owner, "CN=Owner");
        using var opened = KeyEscrow.Read(Open(KeyEscrow.Seal(_key, certificate)));
        byte[] sealedText = new byte[5 + MasterKey.Overhead];
        _key.Seal("hello"u8, sealedText);
        byte[] plaintext = new byte[5];
        Assert.True(opened.TryOpen(sealedText, plaintext));
        Assert.Equal("hello"u8, plaintext);
    }

    [Fact]
    public void The_envelope_is_of_today()
    {
        using var certificate = Certificate(_owner, "CN=Owner");
        var envelope = Envelope(KeyEscrow.Seal(_key, certificate));
        Assert.Equal("2.16.840.1.101.3.4.1.42", envelope.ContentEncryptionAlgorithm.Oid.Value);   // AES-256-CBC
        var recipient = Assert.Single(envelope.RecipientInfos.Cast<RecipientInfo>());
        Assert.Equal("1.2.840.113549.1.1.7", recipient.KeyEncryptionAlgorithm.Oid.Value);   // RSAES-OAEP
        Assert.Contains("608648016503040201", Convert.ToHexString(recipient.KeyEncryptionAlgorithm.Parameters), StringComparison.Ordinal);   // SHA-256
    }

    [Fact]
    public void The_file_holds_nothing_of_the_key_in_the_clear()
    {
        using var certificate = Certificate(_owner, "CN=Owner");
        byte[] sealedKey = KeyEscrow.Seal(_key, certificate);
        byte[] der = Envelope(sealedKey).Encode();
        byte[] secret = new byte[MasterKey.SizeBytes];
        _key.Export(secret);
        Assert.Equal(-1, der.AsSpan().IndexOf(secret.AsSpan(0, 16)));
        Assert.Equal(-1, der.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(secret, 0, 15))));
    }

    [Fact]
    public void A_key_of_elliptic_curves_is_refused_in_words()
    {
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=Curve", curve, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        var error = Assert.Throws<KeyRefusedException>(() => KeyEscrow.Seal(_key, certificate));
        Assert.Contains("CN=Curve has no RSA key", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_short_key_is_refused_in_words()
    {
        using var shortKey = RSA.Create(1024);
        using var certificate = Certificate(shortKey, "CN=Short");
        Assert.Contains("1024 bits", Assert.Throws<KeyRefusedException>(() => KeyEscrow.Seal(_key, certificate)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("rubbish")]
    [InlineData("{}")]
    [InlineData("""{"mac":{"k":"AQEBAQEBAQEBAQEBAQEBAQ=="},"encrypt":"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="}""")]
    public void What_is_no_master_key_is_none(string text) =>
        Assert.Throws<InvalidDataException>(() => KeyEscrow.Read(System.Text.Encoding.UTF8.GetBytes(text)));

    [Fact]
    public async Task An_editor_and_a_file_transfer_between_do_no_harm()
    {
        var folder = RepositoryWorld.NewFolder();
        using var repository = await RepositoryWorld.InitAsync(folder);
        using var certificate = Certificate(_owner, "CN=Owner");
        string text = System.Text.Encoding.UTF8.GetString(Open(KeyEscrow.Seal(repository.Key, certificate)));
        byte[] edited = [.. System.Text.Encoding.UTF8.Preamble, .. System.Text.Encoding.UTF8.GetBytes(text.Replace("\n", "\r\n", StringComparison.Ordinal))];
        using var opened = await Repository.OpenAsync(new FolderStore(folder), KeyEscrow.Read(edited), Cancellation);
        Assert.Equal(repository.Config.Id, opened.Config.Id);
        Assert.Null(opened.KeyId);
    }

    private static X509Certificate2 Certificate(RSA key, string subject)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var complete = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        return X509CertificateLoader.LoadCertificate(complete.RawData);   // without the private key, as an admin has it
    }

    private static EnvelopedCms Envelope(byte[] text)
    {
        var envelope = new EnvelopedCms();
        string pem = System.Text.Encoding.ASCII.GetString(text);
        envelope.Decode(Convert.FromBase64String(pem[PemEncoding.Find(pem).Base64Data]));
        return envelope;
    }

    private byte[] Open(byte[] text)
    {
        var envelope = Envelope(text);
        envelope.Decrypt(envelope.RecipientInfos[0], _owner);
        return envelope.ContentInfo.Content;
    }
}
