using DocIngest.Pipeline;

namespace DocIngest.Worker.Backups;

/// <summary>The ledger of destroyed records in the data folder, as backups see it: a folder of small files that are written once.</summary>
internal static class DestructionFolder
{
    /// <summary>Where it is.</summary>
    public static string PathIn(string dataPath) => Path.Combine(dataPath, DataFolder.Destruction);

    /// <summary>Whether there is anything in it: that it was begun, destructions, or holds.</summary>
    public static bool HasEntries(string dataPath) => Directory.Exists(PathIn(dataPath)) && Directory.EnumerateFiles(PathIn(dataPath), "*.json").Any();

    /// <summary>
    /// Whether records were destroyed of which copies may still be in backups. Answered by the folder alone for now: as soon as it holds an entry
    /// (<c>destruction/d-*.json</c>), yes, for good. A folder that cannot be listed counts as one with entries.
    /// </summary>
    public static bool DestructionsAreOutstanding(string dataPath)
    {
        try
        {
            return Directory.EnumerateFiles(PathIn(dataPath), "d-*.json").Any();
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return true;   // a prune that goes too far only costs time
        }
    }
}
