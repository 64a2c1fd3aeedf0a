using System.Text.RegularExpressions;

namespace DocIngest.TestKit;

/// <summary>The shapes of names in OCFL.</summary>
internal static partial class OcflNames
{
    private static readonly string[] Extensions =
    [
        "0001-digest-algorithms", "0002-flat-direct-storage-layout", "0003-hash-and-id-n-tuple-storage-layout",
        "0004-hashed-n-tuple-storage-layout", "0005-mutable-head", "0006-flat-omit-prefix-storage-layout",
        "0007-n-tuple-omit-prefix-storage-layout", "0008-schema-registry", "0009-digest-algorithms",
        "0010-differential-n-tuple-omit-prefix-storage-layout", "0011-direct-clean-path-layout",
        "0012-hash-and-id-n-tuple-omit-prefix-storage-layout", "initial",
    ];

    public static bool IsRegisteredExtension(string name) => Extensions.Contains(name);

    public static bool IsUri(string text) => Uri.IsMatch(text);

    public static bool IsRfc3339(string text) => Rfc3339.IsMatch(text) && DateTimeOffset.TryParse(text, out _);

    /// <summary>The number in a version directory's name, padded or not; null for other names and for v0.</summary>
    public static int? VersionNumber(string name) =>
        Version.IsMatch(name) && int.TryParse(name.AsSpan(1), out int number) && number > 0 ? number : null;

    public static bool HasUnsafeElement(string path) => path.Trim('/').Split('/').Any(element => element is "" or "." or "..");

    public static bool HasOuterSlash(string path) => path.StartsWith('/') || path.EndsWith('/');

    /// <summary>Paths that occur twice, or are both a file and the directory of another.</summary>
    public static IEnumerable<string> Conflicts(IReadOnlyCollection<string> paths)
    {
        var sorted = paths.Order(StringComparer.Ordinal).ToList();
        var directories = sorted.SelectMany(Parents).ToHashSet(StringComparer.Ordinal);
        return sorted.Where((path, index) => (index > 0 && sorted[index - 1] == path) || directories.Contains(path));
    }

    private static IEnumerable<string> Parents(string path)
    {
        for (int at = path.IndexOf('/'); at >= 0; at = path.IndexOf('/', at + 1))
        {
            yield return path[..at];
        }
    }

    [GeneratedRegex(@"^[a-z][a-z0-9+.-]*:.", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Uri { get; }

    [GeneratedRegex(@"^[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Rfc3339 { get; }

    [GeneratedRegex(@"^v[0-9]+$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Version { get; }
}
