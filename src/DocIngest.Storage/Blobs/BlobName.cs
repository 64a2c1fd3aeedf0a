namespace DocIngest.Storage;

/// <summary>The names every store carries unchanged.</summary>
public static class BlobName
{
    private const int LongestName = 1024;

    /// <summary>Whether a blob can have this name in every store.</summary>
    public static bool IsValid(string name) =>
        name.Length is > 0 and <= LongestName && name.All(IsAllowed) && !name.Split('/').Any(element => element is "" or "." or "..");

    /// <exception cref="ArgumentException">No blob can have this name.</exception>
    internal static void Check(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!IsValid(name))
            throw new ArgumentException("A blob name holds 1 to 1,024 of A-Z, a-z, 0-9, '.', '_', '=', '-' and single '/'.", nameof(name));
    }

    private static bool IsAllowed(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '=' or '-' or '/';
}
