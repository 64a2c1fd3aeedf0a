using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DocIngest.Assurance.Reports;
using DocIngest.Pipeline.Signatures;

namespace DocIngest.TestKit.Reports;

/// <summary>A signer with a certificate of its own making.</summary>
public sealed class ASigner : IReportSigner, IDisposable
{
    private readonly X509Certificate2 _certificate;

    public ASigner(DateTimeOffset from, DateTimeOffset to, string subject = "CN=DocIngest reports")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        _certificate = request.CreateSelfSigned(from, to);
    }

    public string CertificatePem => _certificate.ExportCertificatePem() + "\n";

    public byte[] Sign(ReadOnlySpan<byte> content, DateTimeOffset now) => DetachedSignature.Sign(content, _certificate, now);

    public void Dispose() => _certificate.Dispose();
}
