using System.Security.Cryptography;

namespace DocIngest.Archive.Validation;

/// <summary>A way to compute a digest, by the name that inventories use (OCFL 1.1, 2.2, and extension 0009-digest-algorithms).</summary>
internal sealed class DigestAlgorithm
{
    private static readonly Dictionary<string, DigestAlgorithm> Vocabulary = new[]
    {
        new DigestAlgorithm("md5", 32, () => new FrameworkDigest(HashAlgorithmName.MD5)),
        new DigestAlgorithm("sha1", 40, () => new FrameworkDigest(HashAlgorithmName.SHA1), ValidationRules.E029),
        new DigestAlgorithm("sha256", 64, () => new FrameworkDigest(HashAlgorithmName.SHA256), ValidationRules.E030),
        new DigestAlgorithm("sha512", 128, () => new FrameworkDigest(HashAlgorithmName.SHA512), ValidationRules.E031),
        new DigestAlgorithm("blake2b-512", 128, () => new Blake2bDigest(64), ValidationRules.E032),
        new DigestAlgorithm("blake2b-160", 40, () => new Blake2bDigest(20)),
        new DigestAlgorithm("blake2b-256", 64, () => new Blake2bDigest(32)),
        new DigestAlgorithm("blake2b-384", 96, () => new Blake2bDigest(48)),
        new DigestAlgorithm("sha512/256", 64, () => new Sha512Of256Digest()),
        new DigestAlgorithm("size", 0, () => new SizeDigest()),
    }.ToDictionary(algorithm => algorithm.Name, StringComparer.Ordinal);

    private readonly int _hexLength;
    private readonly Func<RunningDigest> _start;

    private DigestAlgorithm(string name, int hexLength, Func<RunningDigest> start, ValidationRule? encoding = null)
    {
        (Name, _hexLength, _start) = (name, hexLength, start);
        Encoding = encoding ?? ValidationRules.E057;
    }

    public static DigestAlgorithm Sha512 { get; } = Vocabulary["sha512"];

    public static DigestAlgorithm Sha256 { get; } = Vocabulary["sha256"];

    public string Name { get; }

    /// <summary>The rule that a digest breaks which is not encoded as it must be.</summary>
    public ValidationRule Encoding { get; }

    /// <summary>The algorithm of this name; null outside the vocabulary. Names are case-sensitive.</summary>
    public static DigestAlgorithm? Named(string name) => Vocabulary.GetValueOrDefault(name);

    /// <summary>The algorithm of this name if content may be addressed by it; null for any other.</summary>
    public static DigestAlgorithm? ForContent(string name) => name is "sha512" or "sha256" ? Named(name) : null;

    /// <summary>Whether a text can be a digest of this algorithm, in either case.</summary>
    public bool IsWellFormed(string digest) => _hexLength > 0
        ? digest.Length == _hexLength && digest.All(char.IsAsciiHexDigit)
        : digest.Length is > 0 and < 20 && digest.All(char.IsAsciiDigit);

    public RunningDigest Start() => _start();

    /// <summary>The digest of bytes in memory, in lower-case hexadecimal.</summary>
    public string Of(ReadOnlySpan<byte> content)
    {
        using var digest = Start();
        digest.Append(content);
        return digest.Finish();
    }
}
