using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace DocIngest.Pipeline.Signatures;

/// <summary>Detached CMS signatures (RFC 5652) that <c>openssl cms -verify -binary</c> checks.</summary>
public static class DetachedSignature
{
    private const string Sha256 = "2.16.840.1.101.3.4.2.1";
    private const string Sha384 = "2.16.840.1.101.3.4.2.2";
    private const string Sha512 = "2.16.840.1.101.3.4.2.3";

    /// <summary>Signs bytes with SHA-256; the certificate goes along.</summary>
    /// <returns>DER.</returns>
    /// <exception cref="CryptographicException">The certificate has no private key.</exception>
    public static byte[] Sign(ReadOnlySpan<byte> content, X509Certificate2 by, DateTimeOffset now)
    {
        var signer = new CmsSigner(SubjectIdentifierType.IssuerAndSerialNumber, by) { DigestAlgorithm = new Oid(Sha256), IncludeOption = X509IncludeOption.EndCertOnly };
        signer.SignedAttributes.Add(new Pkcs9SigningTime(now.UtcDateTime));
        var cms = new SignedCms(new ContentInfo(content.ToArray()), detached: true);
        cms.ComputeSignature(signer);
        return cms.Encode();
    }

    /// <summary>
    /// Whether a signature is of these bytes, by exactly one of these certificates, over a digest of the SHA-2 family. What certificate the signature
    /// itself brings along does not count, nor who issued it: whoever trusts the certificates registered them.
    /// </summary>
    /// <param name="content">What was signed.</param>
    /// <param name="signature">DER.</param>
    /// <param name="trusted">Certificates.</param>
    public static bool IsBy(ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature, X509Certificate2Collection trusted)
    {
        var cms = new SignedCms(new ContentInfo(content.ToArray()), detached: true);
        try
        {
            cms.Decode(signature);
            cms.CheckSignature(trusted, verifySignatureOnly: true);
            return cms.SignerInfos is [{ Certificate: { } by, DigestAlgorithm.Value: Sha256 or Sha384 or Sha512 }]
                && trusted.Any(one => one.RawDataMemory.Span.SequenceEqual(by.RawDataMemory.Span));
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>Reads a signature as a program wrote it: DER, or PEM with the label <c>CMS</c> or <c>PKCS7</c>.</summary>
    /// <returns>DER; the bytes themselves where they are no PEM.</returns>
    public static byte[] ToDer(byte[] file)
    {
        string text = Encoding.ASCII.GetString(file);
        return PemEncoding.TryFind(text, out var found) && text[found.Label] is "CMS" or "PKCS7"
            ? Convert.FromBase64String(text[found.Base64Data].ReplaceLineEndings(""))
            : file;
    }
}
