using DocIngest.Storage;

namespace DocIngest.Pipeline;

/// <summary>Files that are read whole.</summary>
internal static class SmallFile
{
    /// <summary>The bytes of a file; null where there is none, or one that is larger than it may be.</summary>
    public static byte[]? Read(IDurableFolder data, string path, int largestBytes)
    {
        if (data.Find(path) is not { Kind: EntryKind.File } found || found.Stamp.SizeBytes > largestBytes)
        {
            return null;
        }

        using var file = data.OpenRead(path);
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }
}
