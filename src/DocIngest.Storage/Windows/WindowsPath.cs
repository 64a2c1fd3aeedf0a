namespace DocIngest.Storage.Windows;

/// <summary>Paths as the file system takes them: past the 260-character limit, and with no name mended on the way.</summary>
internal static class WindowsPath
{
    private const string FilePrefix = @"\\?\";
    private const string SharePrefix = @"\\?\UNC\";

    // Separators, stream names and wildcards: with the extended prefix the system would take some of them as they are.
    private const string Forbidden = "\\:*?\"<>|";

    internal static string Extended(string absolutePath) => absolutePath switch
    {
        _ when absolutePath.StartsWith(FilePrefix, StringComparison.Ordinal) => absolutePath,
        _ when absolutePath.StartsWith(@"\\", StringComparison.Ordinal) => SharePrefix + Trim(absolutePath[2..]),
        _ => FilePrefix + Trim(absolutePath),
    };

    /// <exception cref="NameNotAllowedException">A name that Windows does not allow. The message does not repeat it.</exception>
    internal static string Below(string extendedRoot, EntryPath path)
    {
        if (path.IsRoot)
            return extendedRoot.EndsWith(':') ? $@"{extendedRoot}\" : extendedRoot;   // without the backslash it names the device
        if (path.Text.Any(c => c < ' ' || Forbidden.Contains(c)))
            throw new NameNotAllowedException("The name holds a character that Windows does not allow.");
        return $@"{extendedRoot}\{path.Text.Replace('/', '\\')}";
    }

    private static string Trim(string path) => path.Replace('/', '\\').TrimEnd('\\');
}
