namespace DocIngest.Archive;

/// <summary>The rules for paths in inventories, kept before any path reaches the file system (OCFL 1.1, 3.5.2, 3.5.3.1).</summary>
internal static class PathRules
{
    private const int ElementMaxLength = 64;
    private const int PathMaxLength = 160;

    // Windows opens a device under these names, whatever follows the first dot.
    private static readonly string[] DeviceNames = ["con", "prn", "aux", "nul", "conin$", "conout$"];

    /// <summary>Whether a path has no empty, <c>.</c> or <c>..</c> element (E052, E099), which also bars <c>/</c> at either end (E053, E100).</summary>
    public static bool IsSafe(string path)
    {
        foreach (var range in path.AsSpan().Split('/'))
        {
            if (path.AsSpan(range) is "" or "." or "..")
            {
                return false;
            }
        }

        return !path.Contains('\0');
    }

    /// <summary>Whether a path may name content on every platform: safe, and without a character that Windows takes for a separator or a stream.</summary>
    public static bool IsSafeContent(string path) => IsSafe(path) && path.AsSpan().IndexOfAny('\\', ':') < 0;

    /// <summary>
    /// Whether a logical path says nothing about a person and is legal everywhere: elements of <c>[a-z0-9.-]</c> that begin and
    /// end with a letter or digit and are no device name. Inventories are plain text and copied into every backup index.
    /// </summary>
    public static bool IsNeutral(string path) =>
        path.Length is > 0 and <= PathMaxLength && path.Split('/').All(IsNeutralElement);

    /// <summary>The first path that occurs twice or is also a folder of another (E095, E101); null where there is none.</summary>
    public static string? FirstConflict(IEnumerable<string> paths) => Conflicts(paths).FirstOrDefault();

    /// <summary>The paths that occur twice or are also a folder of another (E095, E101).</summary>
    /// <remarks>Sorted, with the slash before all else, what lies in <c>a</c> follows <c>a</c> itself. No set of all folders: one path of a million slashes would fill the memory.</remarks>
    public static IEnumerable<string> Conflicts(IEnumerable<string> paths)
    {
        string[] sorted = [.. paths];
        Array.Sort(sorted, SlashFirst);
        for (int at = 1; at < sorted.Length; at++)
        {
            string before = sorted[at - 1];
            bool begins = sorted[at].StartsWith(before, StringComparison.Ordinal);
            if (begins && (sorted[at].Length == before.Length || sorted[at][before.Length] == '/'))
            {
                yield return before;
            }
        }
    }

    private static int SlashFirst(string left, string right)
    {
        int common = left.AsSpan().CommonPrefixLength(right);
        return common == left.Length || common == right.Length ? left.Length.CompareTo(right.Length) : Rank(left[common]).CompareTo(Rank(right[common]));

        static int Rank(char c) => c == '/' ? -1 : c;
    }

    private static bool IsNeutralElement(string element) =>
        element.Length is > 0 and <= ElementMaxLength
        && element.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-')
        && char.IsAsciiLetterOrDigit(element[0])
        && char.IsAsciiLetterOrDigit(element[^1])
        && !IsDeviceName(element.Split('.')[0]);

    private static bool IsDeviceName(string stem) =>
        DeviceNames.Contains(stem) || stem is ['c', 'o', 'm', _] or ['l', 'p', 't', _];
}
