using System.Buffers;
using System.Security.Cryptography;

namespace DocIngest.Pipeline.Audit;

/// <summary>A SHA-256 digest of the audit chain.</summary>
public readonly record struct AuditHash
{
    /// <summary>Digits of a hash: 64.</summary>
    internal const int Digits = 2 * SHA256.HashSizeInBytes;

    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    private readonly string? _hex;

    private AuditHash(string hex) => _hex = hex;

    /// <summary>What the first line of a chain follows: zeros.</summary>
    public static AuditHash Genesis => default;

    /// <summary>Its 64 lower-case hexadecimal digits.</summary>
    public string Hex => _hex ?? new string('0', Digits);

    /// <summary>Reads 64 hexadecimal digits, of either case as people type them.</summary>
    public static bool TryParse(string? text, out AuditHash hash)
    {
        string lower = text?.ToLowerInvariant() ?? "";
        bool isHash = lower.Length == Digits && !lower.AsSpan().ContainsAnyExcept(LowerHex);
        hash = isHash && lower.Trim('0').Length > 0 ? new AuditHash(lower) : default;
        return isHash;
    }

    /// <inheritdoc />
    public override string ToString() => Hex;

    internal static AuditHash Of(ReadOnlySpan<byte> bytes) => new(Convert.ToHexStringLower(SHA256.HashData(bytes)));

    internal static AuditHash Of(Stream content) => new(Convert.ToHexStringLower(SHA256.HashData(content)));
}
