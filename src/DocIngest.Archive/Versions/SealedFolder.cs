using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>Brings a staging folder into exactly the form that a rename may put into the archive.</summary>
internal static class SealedFolder
{
    public const string RootCopiesFolder = "root";
    public const string SealFileName = "seal.json";

    /// <summary>Removes every file that is not in <paramref name="kept"/> (paths below the folder), and every empty folder (E023, E024).</summary>
    public static void KeepOnly(IDurableFolder folder, string contentFolder, IReadOnlySet<string> kept)
    {
        KeepOnly(folder, contentFolder, prefix: "", kept);
        folder.DeleteEmptyFolder(contentFolder);   // a version without new content has no content directory (W003)
    }

    /// <summary>Writes inventories, sidecars, and the declaration or the seal. Order does not matter: a flush follows before anything is placed.</summary>
    public static void Write(IDurableFolder folder, StagedVersion staged, InventoryFile inventory, bool hasContent)
    {
        string[] version = [ArchivePlaces.InventoryFileName, ArchivePlaces.SidecarFileName];
        string contentName = staged.ContentFolder[(staged.VersionPath.Length + 1)..];
        RemoveOthers(folder, staged.VersionPath, hasContent ? [.. version, contentName] : version);
        WritePair(folder, staged.VersionPath, inventory);
        if (staged.Base is { } current)
        {
            string rootCopies = $"{staged.StagingPath}/{RootCopiesFolder}";
            folder.CreateFolder(rootCopies);
            WritePair(folder, rootCopies, inventory);
            folder.WriteWhole($"{staged.StagingPath}/{SealFileName}", Seal.Write(new Seal(staged.ObjectId, staged.Version, current.Digest, inventory.Digest)));
        }
        else
        {
            RemoveOthers(folder, staged.StagingPath, [.. version, ArchivePlaces.ObjectDeclaration, staged.Version.Name]);
            WritePair(folder, staged.StagingPath, inventory);
            folder.WriteWhole($"{staged.StagingPath}/{ArchivePlaces.ObjectDeclaration}", ObjectRootFiles.Declaration);
        }
    }

    /// <summary>Writes an inventory and then its sidecar.</summary>
    public static void WritePair(IDurableFolder folder, string path, InventoryFile inventory)
    {
        folder.WriteWhole($"{path}/{ArchivePlaces.InventoryFileName}", inventory.Bytes);
        folder.WriteWhole($"{path}/{ArchivePlaces.SidecarFileName}", inventory.SidecarBytes);
    }

    private static void KeepOnly(IDurableFolder folder, string path, string prefix, IReadOnlySet<string> kept)
    {
        foreach (var entry in folder.List(path).ToList())
        {
            string child = $"{path}/{entry.Name}";
            string name = prefix + entry.Name;
            if (entry.Kind == EntryKind.Folder)
            {
                KeepOnly(folder, child, $"{name}/", kept);
                folder.DeleteEmptyFolder(child);
            }
            else if (!kept.Contains(name))
            {
                folder.Delete(child);
            }
        }
    }

    private static void RemoveOthers(IDurableFolder folder, string path, IReadOnlyCollection<string> kept)
    {
        foreach (var entry in folder.List(path).ToList())
        {
            if (!kept.Contains(entry.Name))
            {
                folder.DeleteTree($"{path}/{entry.Name}");
            }
        }
    }
}
