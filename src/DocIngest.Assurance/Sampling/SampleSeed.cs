using System.Security.Cryptography;
using System.Text;

namespace DocIngest.Assurance.Sampling;

/// <summary>What a sample is drawn by: nobody who is examined can choose it, and everybody can compute it again.</summary>
/// <remarks>SHA-256 over <c>NONCE LF HEAD LF</c>, as ASCII: what the auditor named after the population was frozen, and the end of the audit's chain at that moment.</remarks>
public sealed record SampleSeed
{
    /// <summary>The most characters of a nonce.</summary>
    public const int MostNonceCharacters = 128;

    private readonly byte[] _hash;

    /// <param name="nonce">What the auditor named: 1 to <see cref="MostNonceCharacters"/> of <c>[A-Za-z0-9._-]</c>: it goes into command lines of auditors.</param>
    /// <param name="auditHead">The hash at the end of the audit's chain, in hexadecimal.</param>
    /// <exception cref="ArgumentException">No such nonce, or no hash.</exception>
    public SampleSeed(string nonce, string auditHead)
    {
        if (nonce.Length is 0 or > MostNonceCharacters || !nonce.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-'))
        {
            throw new ArgumentException($"A nonce has 1 to {MostNonceCharacters} of A-Z, a-z, 0-9, dot, underscore and hyphen.", nameof(nonce));
        }

        if (auditHead.Length != 2 * SHA256.HashSizeInBytes || !auditHead.All(char.IsAsciiHexDigitLower))
        {
            throw new ArgumentException("The head of the audit is a SHA-256 hash in lower-case hexadecimal.", nameof(auditHead));
        }

        Nonce = nonce;
        AuditHead = auditHead;
        _hash = SHA256.HashData(Encoding.ASCII.GetBytes($"{nonce}\n{auditHead}\n"));
    }

    /// <summary>What the auditor named.</summary>
    public string Nonce { get; }

    /// <summary>The end of the audit's chain.</summary>
    public string AuditHead { get; }

    /// <summary>The hash, in lower-case hexadecimal.</summary>
    public string Hex => Convert.ToHexStringLower(_hash);

    internal ReadOnlySpan<byte> Hash => _hash;

    /// <inheritdoc />
    public bool Equals(SampleSeed? other) => other is not null && _hash.AsSpan().SequenceEqual(other._hash);

    /// <inheritdoc />
    public override int GetHashCode() => BitConverter.ToInt32(_hash);
}
