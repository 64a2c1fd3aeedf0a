using DocIngest.Backup.Trees;

namespace DocIngest.Backup.Copies;

/// <summary>What tells folders of an archive from others. Of the archive itself this project knows nothing: these are names that OCFL fixes (1.1, 2.1 and 3.2).</summary>
internal static class StorageRootNames
{
    /// <summary>Whether a folder with this entry is a storage root, of any version.</summary>
    internal static bool MarksRoot(Node node) => Declares(node) && !MarksObject(node);

    /// <summary>Whether a folder with this entry is an object, of any version: below it is nothing but that.</summary>
    internal static bool MarksObject(Node node) => node.Name.Bytes.StartsWith("0=ocfl_object_"u8) && node.Type is NodeType.File;

    private static bool Declares(Node node) => node.Name.Bytes.StartsWith("0=ocfl_"u8) && node.Type is NodeType.File;
}
