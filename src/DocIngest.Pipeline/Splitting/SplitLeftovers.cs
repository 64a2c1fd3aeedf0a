using DocIngest.Pipeline.Scans;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Splitting;

/// <summary>Removes the parts that were cut of a scan which then was not divided, or is to be divided anew.</summary>
internal static class SplitLeftovers
{
    /// <summary>Removes them from staging. What cannot be removed now, the sweep of the next start removes: no claim names it.</summary>
    public static void Remove(IngestEnvironment environment, ScanInHand scan)
    {
        foreach (var part in scan.Split?.Parts ?? [])
        {
            Remove(environment, part.Id);
        }
    }

    /// <summary>The same for one part.</summary>
    public static void Remove(IngestEnvironment environment, Records.RecordId part)
    {
        try
        {
            environment.Data.DeleteTree(DataFolder.StagingOf(part));
        }
        catch (StorageException error)
        {
            environment.Logger.HouseKeepingDeferred(error.GetType().Name);
        }
    }
}
