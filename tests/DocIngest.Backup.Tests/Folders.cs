using DocIngest.Storage;

namespace DocIngest.Backup.Tests;

/// <summary>What tests do to the files of a repository behind its back.</summary>
internal static class Folders
{
    public static void Write(this IDurableFolder folder, string path, byte[] content) => folder.Write(path, new MemoryStream(content));

    public static void Write(this IDurableFolder folder, string path, Stream content)
    {
        folder.Delete(path);
        folder.CreateFolder(path.Contains('/') ? path[..path.LastIndexOf('/')] : "");
        using var file = folder.Create(path);
        content.CopyTo(file);
    }

    public static byte[] Read(this IDurableFolder folder, string path)
    {
        using var file = folder.OpenRead(path);
        byte[] content = new byte[file.Length];
        file.ReadExactly(content);
        return content;
    }

    /// <summary>Flips one bit in the middle.</summary>
    public static void Flip(this IDurableFolder folder, string path)
    {
        byte[] content = folder.Read(path);
        content[content.Length / 2] ^= 1;
        folder.Write(path, content);
    }

    /// <summary>The paths of all files below a folder, in order.</summary>
    public static IReadOnlyList<string> Files(this IDurableFolder folder, string path) =>
        [.. All(folder, path).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> All(IDurableFolder folder, string path)
    {
        if (path.Length > 0 && folder.Find(path) is null)
            yield break;
        foreach (var entry in folder.List(path))
        {
            string inner = path.Length == 0 ? entry.Name : $"{path}/{entry.Name}";
            if (entry.Kind is EntryKind.File)
                yield return inner;
            else
                foreach (string file in All(folder, inner))
                    yield return file;
        }
    }
}
