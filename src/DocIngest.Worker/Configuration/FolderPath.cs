namespace DocIngest.Worker.Configuration;

/// <summary>Absolute paths of folders, compared as text.</summary>
internal static class FolderPath
{
    /// <summary>Whether the inner path is the outer one, or lies below it.</summary>
    public static bool Contains(string outer, string inner) => WithSeparator(inner).StartsWith(WithSeparator(outer), StringComparison.Ordinal);

    private static string WithSeparator(string path) => Path.EndsInDirectorySeparator(path) ? path : path + Path.DirectorySeparatorChar;
}
