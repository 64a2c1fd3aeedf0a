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
    public static Sha512Digest? TryParse(ReadOnlySpan<byte> content)
    {
        var match = Shape.Match(Encoding.Latin1.GetString(content));
        return match.Success ? new Sha512Digest(match.Groups["digest"].Value) : null;
    }

    // Any run of blanks: ocfl-java 1.0.0 once accepted only one space and refused sound objects of others.
    [GeneratedRegex(@"\A\s*(?<digest>[0-9a-fA-F]{128})[ \t]+inventory\.json\s*\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Shape { get; }
}
