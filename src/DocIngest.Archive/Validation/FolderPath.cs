namespace DocIngest.Archive.Validation;

/// <summary>Paths in a folder, where <c>""</c> is the folder itself.</summary>
internal static class FolderPath
{
    public static string Join(string folder, string path) =>
        folder.Length == 0 ? path : path.Length == 0 ? folder : $"{folder}/{path}";
}
