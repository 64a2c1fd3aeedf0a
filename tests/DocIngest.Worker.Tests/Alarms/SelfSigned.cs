using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DocIngest.Worker.Tests.Alarms;

/// <summary>A certificate that nobody has signed but itself.</summary>
internal static class SelfSigned
{
    public static X509Certificate2 For(string host)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(10));
    }
}
