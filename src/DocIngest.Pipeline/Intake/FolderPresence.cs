using DocIngest.Pipeline.Scans;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Intake;

/// <summary>Whether a drop folder is really there: an unmounted share looks like an empty folder.</summary>
internal static class FolderPresence
{
    /// <summary>Checks folder, mount and marker as the profile demands.</summary>
    /// <exception cref="StorageUnavailableException">One of them is missing.</exception>
    public static void Demand(DropFolder folder)
    {
        if (folder.Folder.Find("") is not { Kind: EntryKind.Folder })
        {
            throw new StorageUnavailableException($"The drop folder of profile {folder.Profile.Name} is not there.");
        }

        if (folder.Profile.RequireMount && !MountPoints.IsMountPoint(folder.AbsolutePath))
        {
            throw new StorageUnavailableException($"Nothing is mounted on the drop folder of profile {folder.Profile.Name}.");
        }

        if (folder.Profile.MarkerFile is { } marker && folder.Folder.Find(marker) is not { Kind: EntryKind.File })
        {
            throw new StorageUnavailableException($"The marker file of profile {folder.Profile.Name} is not in its drop folder.");
        }
    }
}
