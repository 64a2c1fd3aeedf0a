using System.Diagnostics;
using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>Finds out what became of one staged version whose commit into a blob store may have been cut short.</summary>
/// <remarks>
/// The object is settled first (<see cref="BlobObjectRecovery"/>): what was decided is finished, what was not is removed. Then what is staged is compared with what is
/// there. It was flushed before the first blob was put, so what is not in staging was never put; but for a new object, whose id nobody else has.
/// </remarks>
internal sealed class BlobVersionRecovery(OcflBlobRoot root, ArchivePlaces staging)
{
    public async Task<RecoveryOutcome> RecoverAsync(string objectId, VersionNumber version, string stagingName, CancellationToken cancellation)
    {
        try
        {
            return await SettleAsync(objectId, version, stagingName, cancellation);
        }
        catch (DamagedObjectException damage)
        {
            return new RecoveryOutcome.Damaged(damage.Finding);
        }
    }

    private async Task<RecoveryOutcome> SettleAsync(string objectId, VersionNumber version, string stagingName, CancellationToken cancellation)
    {
        (VersionNumber? head, bool isFinished) = await root.RecoverAsync(objectId, cancellation) switch
        {
            BlobRecoveryOutcome.Absent or BlobRecoveryOutcome.TakenBack { Head: null } => ((VersionNumber?)null, false),
            BlobRecoveryOutcome.Sound sound => (sound.Head, false),
            BlobRecoveryOutcome.Finished finished => (finished.Head, true),
            BlobRecoveryOutcome.TakenBack taken => (taken.Head, false),
            BlobRecoveryOutcome.Busy => throw new LockHeldException($"Somebody else writes the object {objectId}, or died less than half a minute ago. Nothing was changed; try again."),
            BlobRecoveryOutcome.Damaged damaged => throw new DamagedObjectException(damaged.Finding),
            _ => throw new UnreachableException(),
        };
        return head is not { } reached || reached.CompareTo(version) < 0 || !await IsStagedAsync(objectId, version, stagingName, cancellation)
            ? new RecoveryOutcome.Absent()
            : isFinished && reached == version ? new RecoveryOutcome.RolledForward(version)
            : new RecoveryOutcome.Committed(version);
    }

    private async Task<bool> IsStagedAsync(string objectId, VersionNumber version, string stagingName, CancellationToken cancellation)
    {
        string entry = staging.StagingPath(stagingName);
        if (version == VersionNumber.First && staging.Folder.Find(entry) is null)
        {
            return true;
        }

        var staged = version == VersionNumber.First ? new ObjectReader(staging).TryReadSidecar(entry)
            : Seal.Find(staging.Folder, entry, objectId) is { } seal && seal.Version == version ? seal.Inventory
            : null;
        return staged is not null && staged == await root.Objects.TryReadSidecarAsync($"{root.Places.ObjectPath(objectId)}/{version.Name}", cancellation);
    }
}
