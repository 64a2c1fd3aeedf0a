using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace DocIngest.Pipeline.Audit.Signing;

/// <summary>Says that another key signs the days of the chain from one on. It counts once an entry of the chain has its digest (docs/formats/audit.md).</summary>
/// <param name="Number">Of the key: the first one is 1, and has no statement.</param>
/// <param name="Way"><see cref="Rotated"/>: signed by the key before it. <see cref="Announced"/>: that one is gone, and it is signed by the new key itself, which proves nothing.</param>
/// <param name="FromDay">The first day that it signs.</param>
/// <param name="Certificate">Its certificate, PEM.</param>
/// <param name="Sha256">SHA-256 of the certificate: its fingerprint.</param>
/// <param name="FormerSha256">That of the key before it.</param>
/// <param name="Time">When it was made, UTC.</param>
internal sealed record SignerStatement(int Number, string Way, string FromDay, string Certificate, string Sha256, string FormerSha256, string Time)
{
    public const string Rotated = "rotated";
    public const string Announced = "announced";

    private const int LargestBytes = 64 * 1024;

    /// <summary>Its file in the audit folder.</summary>
    public static string PathOf(int number) => $"{DataFolder.Audit}/{NameOf(number)}";

    /// <summary>The signature of it.</summary>
    public static string SignaturePathOf(int number) => PathOf(number) + ".p7s";

    /// <summary>Its name, in the archive's objects too.</summary>
    public static string NameOf(int number) => $"signer-{number}.json";

    /// <summary>The name of its signature.</summary>
    public static string SignatureNameOf(int number) => NameOf(number) + ".p7s";

    /// <summary>The fingerprint of a certificate.</summary>
    public static string FingerprintOf(X509Certificate2 certificate) => Convert.ToHexStringLower(SHA256.HashData(certificate.RawDataMemory.Span));

    public byte[] ToBytes() => [.. JsonSerializer.SerializeToUtf8Bytes(this, AuditJson.Default.SignerStatement), (byte)'\n'];

    /// <summary>Reads one; null for bytes that are none.</summary>
    public static SignerStatement? Parse(byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, AuditJson.Default.SignerStatement) is { Way: Rotated or Announced } read && AuditFiles.Day(read.FromDay) is not null
                && FingerprintOf(read.Open()) == read.Sha256
                ? read
                : null;
        }
        catch (Exception error) when (error is JsonException or CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Reads one of the audit folder, with its bytes and signature; null where there is none, or none that can be read.</summary>
    public static (SignerStatement Statement, byte[] Bytes, byte[] Signature)? Read(Storage.IDurableFolder data, int number) =>
        SmallFile.Read(data, PathOf(number), LargestBytes) is { } bytes && SmallFile.Read(data, SignaturePathOf(number), LargestBytes) is { } signature && Parse(bytes) is { } statement
            ? (statement, bytes, signature)
            : null;

    /// <summary>The certificate.</summary>
    public X509Certificate2 Open() => X509Certificate2.CreateFromPem(Certificate);
}
