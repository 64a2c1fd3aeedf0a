using System.Security.Cryptography.X509Certificates;
using DocIngest.Pipeline.Signatures;

namespace DocIngest.Pipeline.Audit.Signing;

/// <summary>A change of the signing key, as an entry of the chain has it.</summary>
/// <param name="Place">The segment and number of the entry.</param>
/// <param name="Digest">SHA-256 of the statement.</param>
internal sealed record KeyEntry(string Place, string Digest);

/// <summary>Which key was in force on which day: from the certificates that are trusted through the statements that the chain names.</summary>
internal sealed class SigningKeys
{
    private readonly List<(DateOnly From, X509Certificate2Collection Keys)> _inForce;

    private SigningKeys(X509Certificate2Collection first) => _inForce = [(DateOnly.MinValue, first)];

    /// <summary>All that were ever in force, in their order.</summary>
    public IEnumerable<X509Certificate2> All => _inForce.SelectMany(one => one.Keys).DistinctBy(SignerStatement.FingerprintOf);

    /// <summary>Those in force on a day.</summary>
    public X509Certificate2Collection On(DateOnly day) => _inForce.Last(one => one.From <= day).Keys;

    /// <summary>Follows the chain's changes.</summary>
    /// <param name="trusted">Certificates that whoever verifies brings along. They need not be the first: each is in force from the statement that brings it on, and else from the beginning.</param>
    /// <param name="changes">The entries of the chain that speak of keys, in their order.</param>
    /// <param name="statements">All statements there are, with their signatures, by digest.</param>
    /// <param name="found">Takes findings.</param>
    public static SigningKeys Follow(
        X509Certificate2Collection trusted, IReadOnlyList<KeyEntry> changes, IReadOnlyDictionary<string, (byte[] Bytes, byte[] Signature)> statements, Action<AuditFinding> found)
    {
        var known = changes.Select(change => (Change: change, Statement: statements.TryGetValue(change.Digest, out var one) ? SignerStatement.Parse(one.Bytes) : null)).ToList();
        var introduced = known.Select(one => one.Statement?.Sha256).ToHashSet();
        var keys = new SigningKeys([.. trusted.Where(one => !introduced.Contains(SignerStatement.FingerprintOf(one)))]);
        foreach (var (change, statement) in known)
        {
            if (statement is null || AuditFiles.Day(statement.FromDay) is not { } from)
            {
                found(new AuditFinding("A021", true, change.Place, "The signing key was changed, and the statement that says so is missing or was changed."));
                continue;
            }

            var (bytes, signature) = statements[change.Digest];
            bool isTrusted = trusted.Any(one => SignerStatement.FingerprintOf(one) == statement.Sha256);
            bool isHandedOver = statement.Way == SignerStatement.Rotated && DetachedSignature.IsBy(bytes, signature, keys._inForce[^1].Keys);
            if (!isTrusted && !isHandedOver)
            {
                found(new AuditFinding(
                    "A022", true, change.Place,
                    $"From {statement.FromDay} on another key signs, and the former did not say so: its certificate has the SHA-256 {statement.Sha256}. Ask whoever runs the service; "
                    + "give that certificate with --cert, beside the former, once you believe in it."));
            }

            keys._inForce.Add((from, [statement.Open()]));
        }

        return keys;
    }
}
