using System.Security.Cryptography;
using System.Text;
using DocIngest.Archive;

namespace DocIngest.Pipeline.Classification;

/// <summary>
/// What makes two scans duplicates: the same bytes under the same profile, document key and sidecar fields (DESIGN 4), and of documents of a
/// divided scan behind sheets that say the same: the same form behind the sheets of two patients is two documents.
/// </summary>
public static class ScanIdentity
{
    /// <summary>The identity as 64 hexadecimal digits: SHA-256 over length-prefixed parts, so that no two lists of parts read alike.</summary>
    /// <param name="profile">The intake profile.</param>
    /// <param name="documentKey">Null where it has none.</param>
    /// <param name="sidecarFields">Fields by name.</param>
    /// <param name="digest">Of the original.</param>
    /// <param name="sheet">What the sheet before a document of a divided scan says; null for all others, which have the identity they had before scans were divided.</param>
    public static string Of(
        string profile, string? documentKey, IReadOnlyDictionary<string, string> sidecarFields, Sha512Digest digest, string? sheet = null)
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
        if (sheet is not null)
        {
            Append(sheet);   // makes the number of parts even, which it never is without
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(parts.ToString())));

        void Append(string? part) => parts.Append(part?.Length ?? -1).Append(':').Append(part).Append('\n');
    }
}
