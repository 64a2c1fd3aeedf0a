using DocIngest.Pipeline.Records;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Filing;

/// <summary>Staging entries of claims and revisions that have ended.</summary>
internal static class ClosedStaging
{
    /// <summary>Removes one, where it can be removed now.</summary>
    public static void Discard(IngestEnvironment environment, RecordId closed)
    {
        try
        {
            environment.Archive.Discard(closed.ToBareString());
        }
        catch (StorageException)
        {
            // A staging entry left behind is harmless: its claim is closed, and the next start sweeps it.
        }
    }
}
