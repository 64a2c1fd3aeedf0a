using System.Security.Cryptography;

namespace DocIngest.Archive;

/// <summary>A SHA-512 digest: 128 lower-case hexadecimal digits, compared ordinally.</summary>
public readonly record struct Sha512Digest
{
    /// <summary>Hexadecimal digits of a digest.</summary>
    public const int HexLength = SHA512.HashSizeInBytes * 2;

    private readonly string? _hex;

    /// <summary>Wraps a digest in hexadecimal, of either case.</summary>
    /// <exception cref="FormatException">Not 128 hexadecimal digits.</exception>
    public Sha512Digest(string hex)
    {
        if (hex.Length != HexLength || !hex.All(char.IsAsciiHexDigit))
        {
            throw new FormatException("A SHA-512 digest has 128 hexadecimal digits.");
        }

        _hex = hex.ToLowerInvariant();
    }

    /// <summary>The digits. Empty only for <c>default</c>.</summary>
    public string Hex => _hex ?? "";

    /// <summary>Wraps the 64 bytes of a finished hash.</summary>
    public static Sha512Digest FromBytes(ReadOnlySpan<byte> hash) => new(Convert.ToHexStringLower(hash));

    /// <summary>The digest of bytes in memory.</summary>
    public static Sha512Digest Of(ReadOnlySpan<byte> content) => FromBytes(SHA512.HashData(content));

    /// <inheritdoc />
    public override string ToString() => Hex;
}
