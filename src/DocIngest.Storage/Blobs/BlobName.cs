namespace DocIngest.Storage;

/// <summary>The names every store carries unchanged.</summary>
internal static class BlobName
{
    private const int LongestName = 1024;

    /// <exception cref="ArgumentException">No blob can have this name.</exception>
    internal static void Check(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length is 0 or > LongestName || !name.All(IsAllowed) || name.Split('/').Any(element => element is "" or "." or ".."))
            throw new ArgumentException("A blob name holds 1 to 1,024 of A-Z, a-z, 0-9, '.', '_', '=', '-' and single '/'.", nameof(name));
    }

    private static bool IsAllowed(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '=' or '-' or '/';
}
