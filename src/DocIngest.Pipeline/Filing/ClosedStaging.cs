using DocIngest.Pipeline.Ledger;
using DocIngest.Pipeline.Records;
using DocIngest.Pipeline.SystemObjects;
using DocIngest.Storage;

namespace DocIngest.Pipeline.Filing;

/// <summary>Staging entries of claims and revisions that have ended.</summary>
internal static class ClosedStaging
{
    /// <summary>Removes all of them, whoever left them. Safe at any time.</summary>
    public static void Sweep(IngestEnvironment environment)
    {
        using var connection = environment.Database.OpenReader();
        environment.Archive.SweepStaging(name => SystemObjectName.OfStaging(name) is not null   // recovered at start, or just being written
            || (RecordId.TryParse(name, out var id)
                && (ScanTable.Find(connection, id) is { Outcome: null } || RevisionTable.Find(connection, id) is not null || RevisionTable.IsSuccessor(connection, id))));
    }

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
