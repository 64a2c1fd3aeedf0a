using System.Security.Cryptography.X509Certificates;

namespace DocIngest.Pipeline.People;

/// <summary>What is demanded of a certificate that a person signs with.</summary>
internal static class PersonCertificate
{
    private const int LeastRsaBits = 2048;
    private const int LeastEcBits = 256;

    /// <summary>Why it will not do, in words; null where it will.</summary>
    public static string? Fault(X509Certificate2 certificate, DateTimeOffset now)
    {
        var (from, to) = (certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
        if (now.UtcDateTime < from || now.UtcDateTime > to)
        {
            return $"is valid from {from:yyyy-MM-dd} to {to:yyyy-MM-dd}, which is not now";
        }

        if (certificate.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault() is { } usage
            && (usage.KeyUsages & (X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation)) == X509KeyUsageFlags.None)
        {
            return "is not meant for signatures";
        }

        using var rsa = certificate.GetRSAPublicKey();
        using var ec = certificate.GetECDsaPublicKey();
        return (rsa, ec) switch
        {
            ({ KeySize: < LeastRsaBits }, _) => $"has a key of fewer than {LeastRsaBits} bits",
            (_, { KeySize: < LeastEcBits }) => $"has a key of fewer than {LeastEcBits} bits",
            (null, null) => "has neither an RSA nor an ECDSA key",
            _ => null,
        };
    }

    /// <summary>Whether two certificates are of one key, whatever else they say.</summary>
    public static bool IsSameKey(X509Certificate2 one, string otherPem)
    {
        using var other = X509Certificate2.CreateFromPem(otherPem);
        return one.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(other.PublicKey.ExportSubjectPublicKeyInfo());
    }
}
