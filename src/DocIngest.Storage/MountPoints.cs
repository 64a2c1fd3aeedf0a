namespace DocIngest.Storage;

/// <summary>Tells whether a folder is where a volume is mounted.</summary>
public static class MountPoints
{
    /// <summary>Whether something is mounted on exactly this folder.</summary>
    /// <exception cref="StorageUnavailableException">The system does not tell.</exception>
    public static bool IsMountPoint(string absolutePath)
    {
        try
        {
            string wanted = Path.TrimEndingDirectorySeparator(Path.GetFullPath(absolutePath));
            return DriveInfo.GetDrives().Any(drive => Path.TrimEndingDirectorySeparator(drive.Name) == wanted);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StorageUnavailableException("The list of mounted volumes cannot be read.", error);
        }
    }
}
