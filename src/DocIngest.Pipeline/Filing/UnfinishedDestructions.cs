using DocIngest.Pipeline.Records;

namespace DocIngest.Pipeline.Filing;

/// <summary>Destructions that a process did not live to finish: the objects have left the archive, and lie in staging whole or in part.</summary>
internal static class UnfinishedDestructions
{
    /// <summary>Finishes them, each under its record's lock. For the start of a session; safe while another process destroys.</summary>
    /// <returns>Always true.</returns>
    public static async Task<bool> FinishAsync(IngestEnvironment environment, CancellationToken cancellation)
    {
        foreach (var record in environment.Archive.ListUnfinishedDestructions().Select(RecordId.Parse))
        {
            await using var held = await ObjectLocks.TakeAsync(environment.Locks, [record], cancellation);
            await environment.Archive.RecoverDestroyAsync(record.ToString());
        }

        return true;
    }
}
