using System.Text;
using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>The one way by which an object leaves an archive in blobs.</summary>
/// <remarks>
/// <para>The order, and what a crash leaves at each point; the caller holds the object's lock throughout:</para>
/// <list type="bullet">
/// <item>1 settled, and compared with what was approved; nothing of it is protected: nothing changed.</item>
/// <item>2 an entry in staging names the object and what was approved of it, flushed. The object still stands: should the work end here, a start forgets the entry, and whoever decided
/// decides again (somebody may have placed a hold meanwhile).</item>
/// <item>3 the root inventory is leased, and compared once more: somebody whose right was lost may have written meanwhile.</item>
/// <item>4 the root sidecar deleted: the version's own vouches for the inventory, so the object still stands. From here on it is always finished.</item>
/// <item>5 the root inventory replaced by an empty one, under the lease: <b>gone for every reader</b>. What is left looks like an object that was never decided, which recovery
/// removes, too, should the staging entry be lost with its disk.</item>
/// <item>6 everything else deleted, inventories before content; 7 the declaration; 8 the leased inventory: nothing is left.</item>
/// <item>9 where the archive is protected, and its store keeps what was deleted as former versions: these deleted, too; 10 the entry in staging deleted, and that flushed.</item>
/// </list>
/// </remarks>
internal sealed class BlobObjectDestruction(OcflBlobRoot root, ArchivePlaces staging)
{
    private const int NoteLimitBytes = 1024;
    private const string Unseen = "unseen";   // in place of a digest: an object that could not be read, and was approved so

    private BlobPlaces Places => root.Places;

    public async Task<DestroyOutcome> DestroyAsync(string objectId, Sha512Digest approved, bool acceptsDamage, CancellationToken cancellation)
    {
        bool wasLeft = await FinishAsync(objectId);
        await SettleAsync(objectId, cancellation);
        if (!await IsThereAsync(objectId, cancellation))
        {
            return wasLeft ? new DestroyOutcome.Destroyed() : new DestroyOutcome.AlreadyGone();
        }

        bool isUnseen = false;
        try
        {
            switch (await root.FindAsync(objectId, cancellation))
            {
                case null:
                    throw new LockHeldException($"Somebody else works on the object {objectId}. Nothing was changed; try again.");
                case { } found when found.InventoryDigest != approved:
                    return new DestroyOutcome.Changed(found.InventoryDigest);   // 1
            }
        }
        catch (DamagedObjectException damage)
        {
            // Accepting damage never means destroying another object that lies in this one's place.
            isUnseen = acceptsDamage && damage.Finding.Code != ObjectReader.OtherObjectCode;
            if (!isUnseen)
            {
                return new DestroyOutcome.Damaged(damage.Finding);
            }
        }

        if (root.Protecting is { } protection && await protection.FindAsync(protection.PlaceOf(objectId), cancellation) is { IsOpen: false } guard)
        {
            return new DestroyOutcome.Protected(guard.ImmutableUntil, guard.HeldBlobs > 0);
        }

        cancellation.ThrowIfCancellationRequested();
        await NoteAsync(objectId, isUnseen ? Unseen : approved.Hex);   // 2: heeds no token from here on, so that a cancelled call leaves nothing half done
        var outcome = await RemoveAsync(objectId, isUnseen ? null : approved);
        if (outcome is DestroyOutcome.Destroyed)
        {
            await DeleteFormerVersionsAsync(objectId);   // 9
        }

        await ForgetAsync(objectId);   // 10
        return outcome;
    }

    /// <summary>Finishes what a crash has left after 4, and forgets what it has left before.</summary>
    /// <returns>Whether the object had been taken out, in whole or in part, or is now. False: it stands, whole.</returns>
    public async Task<bool> FinishAsync(string objectId)
    {
        string entry = staging.DestroyedPath(objectId);
        if (staging.Folder.TryReadWhole(entry, NoteLimitBytes) is not { } note)
        {
            return false;
        }

        string said = Encoding.ASCII.GetString(note);
        bool isWhole = said.EndsWith('\n');   // a torn note was never flushed, so nothing followed it
        string digest = said.TrimEnd('\n');
        bool isUnseen = digest == Unseen;
        bool isGone = isWhole && await HasBegunAsync(objectId, isUnseen)
            && await RemoveAsync(objectId, isUnseen ? null : new Sha512Digest(digest)) is DestroyOutcome.Destroyed;
        if (isGone)
        {
            await DeleteFormerVersionsAsync(objectId);
        }

        await ForgetAsync(objectId);
        return isGone;
    }

    // Of a sound object 4 takes the sidecar; one that was approved unseen may never have had one, and has begun where 3 or 5 left it an empty inventory.
    private async Task<bool> HasBegunAsync(string objectId, bool isUnseen)
    {
        string path = Places.ObjectPath(objectId);
        var inventory = await Places.Store.FindAsync(ObjectRootFiles.InventoryPathOf(path), CancellationToken.None);
        return inventory is { SizeBytes: 0 }
            || (!isUnseen && (inventory is null || await Places.Store.FindAsync(ObjectRootFiles.SidecarPathOf(path), CancellationToken.None) is null));
    }

    private async Task SettleAsync(string objectId, CancellationToken cancellation)
    {
        if (await root.RecoverAsync(objectId, cancellation) is BlobRecoveryOutcome.Busy)
        {
            throw new LockHeldException($"Somebody else writes the object {objectId}, or died less than half a minute ago. Nothing was changed; try again.");
        }
    }

    private async Task<DestroyOutcome> RemoveAsync(string objectId, Sha512Digest? approved)
    {
        string path = Places.ObjectPath(objectId);
        if (!await IsThereAsync(objectId, CancellationToken.None))
        {
            await Places.Store.DeleteAsync(ObjectRootFiles.InventoryPathOf(path), lease: null, CancellationToken.None);   // a store of files may have kept empty folders of it (E073)
            return new DestroyOutcome.Destroyed();
        }

        await root.Writer().ReserveAsync(path, CancellationToken.None);   // where there is no inventory to be leased any more
        await using var lease = await root.LeaseAsync(path, CancellationToken.None);   // 3
        return await lease.RunAsync<DestroyOutcome>(async token =>
        {
            string inventory = ObjectRootFiles.InventoryPathOf(path);
            var decided = await Places.Store.FindAsync(inventory, token) ?? throw new StorageUnavailableException($"{path}: somebody else destroys the object.");
            if (approved is not null && decided.SizeBytes > 0 && await DigestAsync(path, token) is { } actual && actual != approved)
            {
                return new DestroyOutcome.Changed(actual);
            }

            await Places.Store.DeleteAsync(ObjectRootFiles.SidecarPathOf(path), lease: null, token);   // 4
            if (decided.SizeBytes > 0)
            {
                await Places.Store.PutIfMatchAsync(inventory, Stream.Null, decided.Version, lease.Lease, token);   // 5
            }

            foreach (string name in await OthersAsync(path, token))
            {
                await Places.Store.DeleteAsync(name, lease: null, token);   // 6
            }

            await Places.Store.DeleteAsync(ObjectRootFiles.DeclarationPathOf(path), lease: null, token);   // 7
            await Places.Store.DeleteAsync(inventory, lease.Lease, token);   // 8
            return new DestroyOutcome.Destroyed();
        });
    }

    // What cannot be read any more was sound when it was compared at 1, and is finished.
    private async Task<Sha512Digest?> DigestAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return (await root.Objects.ReadAtAsync(path, cancellation))?.InventoryDigest;
        }
        catch (DamagedObjectException)
        {
            return null;
        }
    }

    // What is no part of any version goes first: recovery, should it have to finish this, touches versions only.
    private async Task<List<string>> OthersAsync(string path, CancellationToken cancellation)
    {
        string[] kept = [ObjectRootFiles.InventoryPathOf(path), ObjectRootFiles.DeclarationPathOf(path)];
        var others = new List<string>();
        await foreach (var blob in Places.Store.ListAsync($"{path}/", cancellation))
        {
            if (!kept.Contains(blob.Name))
            {
                others.Add(blob.Name);
            }
        }

        return [.. others.OrderBy(name => VersionLeftovers.IsOfVersion(name[(path.Length + 1)..]) ? 1 : 0).ThenBy(name => VersionLeftovers.Rank(name))];
    }

    private Task DeleteFormerVersionsAsync(string objectId) =>
        root.Protecting is { } protection ? protection.DeleteFormerVersionsAsync(protection.PlaceOf(objectId), CancellationToken.None) : Task.CompletedTask;

    private async Task<bool> IsThereAsync(string objectId, CancellationToken cancellation) =>
        await Places.Store.ListAsync($"{Places.ObjectPath(objectId)}/", cancellation).AnyAsync(cancellation);

    private async Task NoteAsync(string objectId, string approved)
    {
        var since = staging.Folder.Mark();
        staging.Folder.WriteWhole(staging.DestroyedPath(objectId), Encoding.ASCII.GetBytes($"{approved}\n"));
        await staging.Folder.FlushAsync(since, CancellationToken.None);
    }

    private async Task ForgetAsync(string objectId)
    {
        var since = staging.Folder.Mark();
        staging.Folder.DeleteTree(staging.DestroyedPath(objectId));
        await staging.Folder.FlushAsync(since, CancellationToken.None);
    }
}
