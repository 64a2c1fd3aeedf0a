using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using DocIngest.Pipeline.Signatures;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Audit;

/// <summary>Signs checkpoints with the service's own key: detached CMS, which <c>openssl cms -verify</c> checks (docs/formats/audit.md).</summary>
public sealed class AuditSigner : IDisposable
{
    private const string KeyFile = "audit-signing.pem";
    private const string Subject = "CN=DocIngest audit checkpoints, OU=signed by the service itself";
    private const int LargestKeyBytes = 64 * 1024;

    // Longer than the audit must be kept; a certificate that runs out makes good signatures look bad.
    private const int ValidYears = 30;

    private readonly X509Certificate2 _certificate;

    private AuditSigner(X509Certificate2 certificate) => _certificate = certificate;

    /// <summary>Its certificate, as PEM.</summary>
    internal string CertificatePem => _certificate.ExportCertificatePem() + "\n";

    /// <summary>Reads the key, or draws it where there is none.</summary>
    /// <param name="keys">The folder <c>keys</c>, opened for its owner alone.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Gives up before the key has its name.</param>
    /// <exception cref="StorageException">It cannot be read or written; the account may not.</exception>
    /// <exception cref="CryptographicException">What stands there is no key.</exception>
    /// <remarks>(1) bytes under another name, (2) flushed, (3) renamed, never over another, (4) flushed. A crash before 3 leaves a <c>.part</c> file, which can be deleted.</remarks>
    internal static async Task<AuditSigner> OpenOrCreateAsync(IDurableFolder keys, TimeProvider time, CancellationToken cancellation)
    {
        if (SmallFile.Read(keys, KeyFile, LargestKeyBytes) is { } there)
        {
            return Read(there);
        }

        string part = $".{Guid.NewGuid():N}.part";
        using (var file = keys.Create(part))
        {
            file.Write(Draw(time));   // 1
        }

        await keys.FlushAsync(cancellation);   // 2
        try
        {
            keys.Move(part, KeyFile);   // 3
        }
        catch (NameTakenException)
        {
            keys.Delete(part);   // another process drew one just now: that one holds
        }

        await keys.FlushAsync(CancellationToken.None);   // 4
        return Read(SmallFile.Read(keys, KeyFile, LargestKeyBytes) ?? throw new EntryNotFoundException($"{keys.DisplayName}/{KeyFile} was written, and is not there."));
    }

    /// <summary>Signs bytes.</summary>
    internal byte[] Sign(ReadOnlySpan<byte> content, DateTimeOffset now) => DetachedSignature.Sign(content, _certificate, now);

    /// <inheritdoc />
    public void Dispose() => _certificate.Dispose();

    private static byte[] Draw(TimeProvider time)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var now = time.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(ValidYears));   // a day before: clocks differ
        return Encoding.ASCII.GetBytes($"{key.ExportPkcs8PrivateKeyPem()}\n{certificate.ExportCertificatePem()}\n");
    }

    private static AuditSigner Read(byte[] pem)
    {
        string text = Encoding.ASCII.GetString(pem);
        return new AuditSigner(X509Certificate2.CreateFromPem(text, text));
    }
}
