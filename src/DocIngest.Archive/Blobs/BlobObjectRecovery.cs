using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>How recovery found and left one object in a blob store. Closed: only the cases below exist.</summary>
public abstract record BlobRecoveryOutcome
{
    private BlobRecoveryOutcome()
    {
    }

    /// <summary>There is no object.</summary>
    public sealed record Absent : BlobRecoveryOutcome;

    /// <summary>Nothing was cut short.</summary>
    public sealed record Sound(VersionNumber Head) : BlobRecoveryOutcome;

    /// <summary>Its last version was decided, and what was missing has been written now.</summary>
    public sealed record Finished(VersionNumber Head) : BlobRecoveryOutcome;

    /// <summary>A version that was not decided has been removed. Write it again from its source.</summary>
    /// <param name="Head">What the object is at; null where it was to be a new one, and there is none now.</param>
    public sealed record TakenBack(VersionNumber? Head) : BlobRecoveryOutcome;

    /// <summary>Somebody writes it, or died within the last half minute. Nothing was changed: recover again.</summary>
    public sealed record Busy : BlobRecoveryOutcome;

    /// <summary>The object breaks a rule that no crash of ours explains. Nothing was changed: a person must look.</summary>
    public sealed record Damaged(Finding Finding) : BlobRecoveryOutcome;
}

/// <summary>Settles one object after a crash, by what is in the store.</summary>
/// <remarks>
/// By the crash points of <see cref="BlobObjectWriter"/>:
/// <list type="table">
/// <item><term>1: declaration alone</term><description>Reserved and removed.</description></item>
/// <item><term>2 to 5 of a new object: the root inventory is empty</term><description>Removed: content, then the declaration, then the reservation, which is leased until
/// the end. Without a reservation nothing is ever removed: an object that lost its inventory is damage.</description></item>
/// <item><term>3 to 5 of a next version: blobs beyond the head</term><description>Removed, under the lease.</description></item>
/// <item><term>6: the sidecar is older than the inventory, or missing</term><description>Written, under the lease.</description></item>
/// <item><term>7, 8</term><description>Sound.</description></item>
/// </list>
/// A crash during recovery leaves one of these states again.
/// </remarks>
internal sealed class BlobObjectRecovery(BlobPlaces places, BlobObjectReader objects, TimeProvider time, TimeSpan wait)
{
    public async Task<BlobRecoveryOutcome> RecoverAsync(string path, CancellationToken cancellation)
    {
        try
        {
            var seen = await LookAsync(path, cancellation);
            return seen.IsEmpty ? new BlobRecoveryOutcome.Absent()
                : seen.IsReserved || seen.IsClaimOnly ? await TakeBackObjectAsync(path, cancellation)
                : await RecoverObjectAsync(path, seen, cancellation);
        }
        catch (DamagedObjectException damage)
        {
            return new BlobRecoveryOutcome.Damaged(damage.Finding);
        }
        catch (LockHeldException)
        {
            return new BlobRecoveryOutcome.Busy();
        }
    }

    private async Task<BlobRecoveryOutcome> TakeBackObjectAsync(string path, CancellationToken cancellation)
    {
        await new BlobObjectWriter(places, objects, time, wait).ReserveAsync(path, cancellation);
        await using var lease = await ObjectLease.TakeAsync(places, path, wait, time, cancellation);
        return await lease.RunAsync<BlobRecoveryOutcome>(async token =>
        {
            var seen = await LookAsync(path, token);
            if (!seen.IsReserved)
            {
                return new BlobRecoveryOutcome.Busy();   // decided since we looked
            }

            if (seen.HasSidecar)
            {
                throw new DamagedObjectException("E063", ObjectRootFiles.InventoryPathOf(path), "The inventory of an object that had one is empty.");
            }

            await new VersionLeftovers(places, path, head: null).RemoveAsync(token);
            await places.Store.DeleteAsync(ObjectRootFiles.DeclarationPathOf(path), lease: null, token);
            await places.Store.DeleteAsync(ObjectRootFiles.InventoryPathOf(path), lease.Lease, token);
            return new BlobRecoveryOutcome.TakenBack(Head: null);
        });
    }

    private async Task<BlobRecoveryOutcome> RecoverObjectAsync(string path, Seen seen, CancellationToken cancellation)
    {
        var found = await objects.ReadAtAsync(path, cancellation);
        if (found is null)
        {
            return new BlobRecoveryOutcome.Busy();   // undone since we looked
        }

        bool isCurrent = await objects.TryReadSidecarAsync(path, cancellation) == found.InventoryDigest;
        return isCurrent && seen.Highest <= found.Head.Value ? new BlobRecoveryOutcome.Sound(found.Head) : await MendAsync(path, cancellation);
    }

    private async Task<BlobRecoveryOutcome> MendAsync(string path, CancellationToken cancellation)
    {
        await using var lease = await ObjectLease.TakeAsync(places, path, wait, time, cancellation);
        return await lease.RunAsync<BlobRecoveryOutcome>(async token =>
        {
            if (await objects.ReadAtAsync(path, token) is not { } found)
            {
                return new BlobRecoveryOutcome.Busy();
            }

            await new BlobObjectWriter(places, objects, time, wait).WriteSidecarAsync(path, await HeadSidecarAsync(found, token), token);
            int removed = await new VersionLeftovers(places, path, found.Head).RemoveAsync(token);
            return removed > 0 ? new BlobRecoveryOutcome.TakenBack(found.Head) : new BlobRecoveryOutcome.Finished(found.Head);
        });
    }

    private async Task<byte[]> HeadSidecarAsync(OcflObject found, CancellationToken cancellation)
    {
        var (inventory, sidecar) = await objects.ReadVersionAsync(found, found.Head, cancellation);
        return inventory.Digest == found.InventoryDigest
            ? sidecar
            : throw new DamagedObjectException("E064", found.Path, "The root inventory is not the one of its highest version.");
    }

    private async Task<Seen> LookAsync(string path, CancellationToken cancellation)
    {
        var seen = new Seen();
        await foreach (var blob in places.Store.ListAsync($"{path}/", cancellation))
        {
            seen.Add(blob.Name[(path.Length + 1)..], blob.SizeBytes);
        }

        return seen;
    }

    /// <summary>What a listing of an object shows.</summary>
    private sealed class Seen
    {
        private int _others;
        private long? _inventoryBytes;
        private bool _isClaimed;

        public bool HasSidecar { get; private set; }

        public int Highest { get; private set; }

        public bool IsEmpty => !_isClaimed && _inventoryBytes is null && !HasSidecar && _others == 0;

        public bool IsReserved => _inventoryBytes == 0;

        public bool IsClaimOnly => _isClaimed && _inventoryBytes is null && !HasSidecar && _others == 0;

        public void Add(string below, long sizeBytes)
        {
            switch (below)
            {
                case ArchivePlaces.InventoryFileName:
                    _inventoryBytes = sizeBytes;
                    break;
                case ArchivePlaces.SidecarFileName:
                    HasSidecar = true;
                    break;
                case ArchivePlaces.ObjectDeclaration:
                    _isClaimed = true;
                    break;
                default:
                    _others++;
                    Highest = Math.Max(Highest, VersionNumber.TryParse(below.Split('/')[0], out var version) ? version.Value : 0);
                    break;
            }
        }
    }
}
