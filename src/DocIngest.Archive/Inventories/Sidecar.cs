using System.Text;
using System.Text.RegularExpressions;

namespace DocIngest.Archive;

/// <summary>The file beside an inventory that holds its digest (OCFL 1.1, 3.6).</summary>
internal static partial class Sidecar
{
    public const int LimitBytes = 4096;

    /// <summary>Two blanks, as <c>sha512sum</c> writes them, so that <c>sha512sum -c inventory.json.sha512</c> checks it.</summary>
    public static byte[] Write(Sha512Digest digest) => Encoding.ASCII.GetBytes($"{digest.Hex}  {ArchivePlaces.InventoryFileName}\n");

    /// <summary>The digest, or null where the file is not shaped as a SHA-512 sidecar (E061).</summary>
    public static Sha512Digest? TryParse(ReadOnlySpan<byte> content) =>
        FindDigest(content) is { Length: Sha512Digest.HexLength } digest ? new Sha512Digest(digest) : null;

    /// <summary>The hexadecimal digits, of whatever algorithm; null where the file is not shaped as a sidecar (E061).</summary>
    public static string? FindDigest(ReadOnlySpan<byte> content) =>
        Shape.Match(Encoding.Latin1.GetString(content)) is { Success: true } match ? match.Groups["digest"].Value : null;

    // Any run of blanks: ocfl-java 1.0.0 once accepted only one space and refused sound objects of others.
    [GeneratedRegex(@"\A\s*(?<digest>[0-9a-fA-F]+)[ \t]+inventory\.json\s*\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Shape { get; }
}
