using System.Security.Cryptography;
using System.Text;
using DocIngest.Archive;

namespace DocIngest.Pipeline.Classification;

/// <summary>What makes two scans duplicates: the same bytes under the same profile, document key and sidecar fields (DESIGN 4).</summary>
public static class ScanIdentity
{
    /// <summary>The identity as 64 hexadecimal digits: SHA-256 over length-prefixed parts, so that no two lists of parts read alike.</summary>
    public static string Of(string profile, string? documentKey, IReadOnlyDictionary<string, string> sidecarFields, Sha512Digest digest)
    {
        var parts = new StringBuilder();
        Append(profile);
        Append(documentKey);
        foreach (var (name, value) in sidecarFields.OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            Append(name);
            Append(value);
        }

        Append(digest.Hex);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(parts.ToString())));

        void Append(string? part) => parts.Append(part?.Length ?? -1).Append(':').Append(part).Append('\n');
    }
}
