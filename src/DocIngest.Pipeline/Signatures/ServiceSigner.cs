using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Signatures;

/// <summary>Signs with a key of the service's own: detached CMS, which <c>openssl cms -verify</c> checks.</summary>
public sealed class ServiceSigner : IDisposable
{
    private const int LargestKeyBytes = 64 * 1024;

    // Longer than what is signed must be kept; a certificate that runs out makes good signatures look bad.
    private const int ValidYears = 30;

    private readonly X509Certificate2 _certificate;

    private ServiceSigner(X509Certificate2 certificate) => _certificate = certificate;

    /// <summary>Its certificate.</summary>
    internal X509Certificate2 Certificate => _certificate;

    /// <summary>Its certificate, as PEM.</summary>
    public string CertificatePem => _certificate.ExportCertificatePem() + "\n";

    /// <summary>Reads the key, or draws it where there is none.</summary>
    /// <param name="keys">The folder <c>keys</c>, opened for its owner alone.</param>
    /// <param name="key">Which key.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Gives up before the key has its name.</param>
    /// <exception cref="StorageException">It cannot be read or written; the account may not.</exception>
    /// <exception cref="CryptographicException">What stands there is no key.</exception>
    /// <remarks>(1) bytes under another name, (2) flushed, (3) renamed, never over another, (4) flushed. A crash before 3 leaves a <c>.part</c> file, which can be deleted.</remarks>
    public static async Task<ServiceSigner> OpenOrCreateAsync(IDurableFolder keys, ServiceKey key, TimeProvider time, CancellationToken cancellation)
    {
        if (SmallFile.Read(keys, key.File, LargestKeyBytes) is { } there)
        {
            return Read(there);
        }

        string part = $".{Guid.NewGuid():N}.part";
        using (var file = keys.Create(part))
        {
            file.Write(Draw(key, time));   // 1
        }

        await keys.FlushAsync(cancellation);   // 2
        try
        {
            keys.Move(part, key.File);   // 3
        }
        catch (NameTakenException)
        {
            keys.Delete(part);   // another process drew one just now: that one holds
        }

        await keys.FlushAsync(CancellationToken.None);   // 4
        return Read(SmallFile.Read(keys, key.File, LargestKeyBytes) ?? throw new EntryNotFoundException($"{keys.DisplayName}/{key.File} was written, and is not there."));
    }

    /// <summary>The certificate of a key, where this account may read it and it is there; empty otherwise.</summary>
    internal static X509Certificate2Collection CertificateOf(IDurableFolder keys, ServiceKey key)
    {
        try
        {
            return SmallFile.Read(keys, key.File, LargestKeyBytes) is { } pem ? [X509CertificateLoader.LoadCertificate(Encoding.ASCII.GetBytes(Read(pem).CertificatePem))] : [];
        }
        catch (Exception error) when (error is StorageException or CryptographicException)
        {
            return [];   // what is signed with it is not believed
        }
    }

    /// <summary>Signs bytes: detached CMS, DER, with the time.</summary>
    public byte[] Sign(ReadOnlySpan<byte> content, DateTimeOffset now) => DetachedSignature.Sign(content, _certificate, now);

    /// <inheritdoc />
    public void Dispose() => _certificate.Dispose();

    private static byte[] Draw(ServiceKey which, TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(which.Subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var now = time.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(ValidYears));   // a day before: clocks differ
        return Encoding.ASCII.GetBytes($"{key.ExportPkcs8PrivateKeyPem()}\n{certificate.ExportCertificatePem()}\n");
    }

    private static ServiceSigner Read(byte[] pem)
    {
        string text = Encoding.ASCII.GetString(pem);
        return new ServiceSigner(X509Certificate2.CreateFromPem(text, text));
    }
}

/// <summary>A key of the service: a file in <c>keys/</c>.</summary>
/// <param name="File">Its name.</param>
/// <param name="Subject">Whose the certificate says it is.</param>
public sealed record ServiceKey(string File, string Subject)
{
    /// <summary>Signs the days of the audit.</summary>
    public static ServiceKey Audit { get; } = new("audit-signing.pem", "CN=DocIngest audit checkpoints, OU=signed by the service itself");

    /// <summary>The one that takes its place, while it does.</summary>
    public static ServiceKey NextAudit { get; } = Audit with { File = "audit-signing.next.pem" };

    /// <summary>Signs reports of the assurance.</summary>
    public static ServiceKey Reports { get; } = new("report-signing.pem", "CN=DocIngest reports, OU=signed by the service itself");

    /// <summary>The one that takes its place, while it does.</summary>
    public static ServiceKey NextReports { get; } = Reports with { File = "report-signing.next.pem" };

    /// <summary>Signs certificates of destruction.</summary>
    public static ServiceKey Destruction { get; } = new("destruction-signing.pem", "CN=DocIngest destruction certificates, OU=signed by the service itself");
}
