using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>The inventory and sidecar in an object root: the only files of an object that are ever replaced.</summary>
internal static class RootPair
{
    /// <summary>Renames both over the object's: the inventory first, because it is what readers go by (OCFL 1.1, 3.6: the sidecar is written last).</summary>
    public static void Publish(IDurableFolder folder, string copiesPath, string objectPath)
    {
        folder.Replace($"{copiesPath}/{ArchivePlaces.InventoryFileName}", $"{objectPath}/{ArchivePlaces.InventoryFileName}");   // 5
        folder.Replace($"{copiesPath}/{ArchivePlaces.SidecarFileName}", $"{objectPath}/{ArchivePlaces.SidecarFileName}");       // 6
    }
}
