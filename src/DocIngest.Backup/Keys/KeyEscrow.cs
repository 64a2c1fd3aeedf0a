using System.Buffers;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using DocIngest.Backup.Crypto;

namespace DocIngest.Backup.Keys;

/// <summary>
/// The master key sealed for the owner of a certificate, so that a repository opens although all its passwords are lost. It is opened
/// without this program: <c>openssl cms -decrypt -inkey KEY.pem -in FILE</c>.
/// </summary>
/// <remarks>
/// Such a file belongs outside the repository: restic takes everything in <c>keys</c> for a key file (restic-format 3.3). It outlives
/// all passwords, since the master key of a repository never changes.
/// </remarks>
public static class KeyEscrow
{
    private const int LeastRsaBits = 2048;
    private const int LineLength = 64;
    private const int InitialBytes = 1024;   // never grown: growing leaves a copy of the key in memory

    // OpenSSL reads S/MIME unless told otherwise, and there skips lines that are no base64; as PEM it skips lines before BEGIN.
    // So one file opens as either, and without any option that a person in need would have to know.
    private const string Headers =
        """
        MIME-Version: 1.0
        Content-Disposition: attachment; filename="smime.p7m"
        Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"
        Content-Transfer-Encoding: base64


        """;

    private static readonly Oid Aes256Cbc = new("2.16.840.1.101.3.4.1.42");

    /// <summary>Seals the master key: AES-256-CBC, its key by RSA-OAEP with SHA-256 (RFC 5652, 6; RFC 3560).</summary>
    /// <param name="masterKey">Of an opened repository.</param>
    /// <param name="certificate">Of whoever may open it; without its private key.</param>
    /// <returns>CMS EnvelopedData as text that OpenSSL reads as S/MIME and as PEM. The plaintext is what <c>restic cat masterkey</c> prints.</returns>
    /// <exception cref="KeyRefusedException">
    /// The certificate's key is not RSA, or too short. CMS for elliptic curves needs a key agreement that .NET does not have.
    /// </exception>
    public static byte[] Seal(MasterKey masterKey, X509Certificate2 certificate)
    {
        using var rsa = certificate.GetRSAPublicKey() ?? throw new KeyRefusedException(
            $"The certificate of {certificate.Subject} has no RSA key ({certificate.PublicKey.Oid.FriendlyName}). Take one with RSA of {LeastRsaBits} bits or more.");
        if (rsa.KeySize < LeastRsaBits)
        {
            throw new KeyRefusedException(
                $"The RSA key of {certificate.Subject} has {rsa.KeySize} bits: too few for a key that must hold for decades. Take {LeastRsaBits} or more.");
        }

        byte[] plaintext = Write(masterKey);
        try
        {
            var envelope = new EnvelopedCms(new ContentInfo(plaintext), new AlgorithmIdentifier(Aes256Cbc));
            envelope.Encrypt(new CmsRecipient(SubjectIdentifierType.IssuerAndSerialNumber, certificate, RSAEncryptionPadding.OaepSHA256));
            return AsText(envelope.Encode());
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    /// <summary>Reads what opening the file gave: the master key as JSON, in restic's form or any other white space.</summary>
    /// <exception cref="InvalidDataException">It is something else, or a part of it is missing. The message holds nothing of it.</exception>
    public static MasterKey Read(ReadOnlyMemory<byte> json)
    {
        var preamble = System.Text.Encoding.UTF8.Preamble;   // an editor's
        return KeyFileCodec.ReadMasterKey(json.Span.StartsWith(preamble) ? json[preamble.Length..] : json);
    }

    // To the byte what 'restic cat masterkey' of 0.14 prints, so that the two can be compared. 0.19 prints r as it is stored, which means the same.
    private static byte[] Write(MasterKey masterKey)
    {
        Span<byte> key = stackalloc byte[MasterKey.SizeBytes];
        masterKey.Export(key);
        var r = key.Slice(48, 16);
        Clamp(r);
        var written = new ArrayBufferWriter<byte>(InitialBytes);
        using (var json = new Utf8JsonWriter(written, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteStartObject("mac"u8);
            json.WriteBase64String("k"u8, key.Slice(32, 16));
            json.WriteBase64String("r"u8, r);
            json.WriteEndObject();
            json.WriteBase64String("encrypt"u8, key[..32]);
            json.WriteEndObject();
        }

        key.Clear();
        written.Write("\n"u8);
        byte[] text = written.WrittenSpan.ToArray();
        written.Clear();   // with zeros
        return text;
    }

    // As Poly1305 does on use (restic-format 2.2).
    private static void Clamp(Span<byte> r)
    {
        foreach (int at in (ReadOnlySpan<int>)[3, 7, 11, 15])
            r[at] &= 0x0f;
        foreach (int at in (ReadOnlySpan<int>)[4, 8, 12])
            r[at] &= 0xfc;
    }

    private static byte[] AsText(byte[] der)
    {
        var text = new StringBuilder(Headers).Append("-----BEGIN CMS-----\n");
        string base64 = Convert.ToBase64String(der);
        for (int at = 0; at < base64.Length; at += LineLength)
            text.Append(base64, at, Math.Min(LineLength, base64.Length - at)).Append('\n');
        text.Append("-----END CMS-----\n");
        return System.Text.Encoding.ASCII.GetBytes(text.ToString().ReplaceLineEndings("\n"));
    }
}
