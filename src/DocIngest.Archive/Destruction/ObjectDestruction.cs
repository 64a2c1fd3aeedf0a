using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>The one way by which an object leaves the archive.</summary>
/// <remarks>
/// The order, and what a crash leaves at each point; the caller holds the object's lock throughout:
/// <list type="bullet">
/// <item>1 compared with what was approved: nothing changed.</item>
/// <item>2 the object root renamed to an entry in staging, not flushed: the object is whole in its place, or whole in staging.</item>
/// <item>3 flushed: whole in staging. From here on it is always finished. Without this flush a power cut could take the rename back and
/// keep deletions: half an object in the archive.</item>
/// <item>4 empty folders above its place removed (E073). 5 flushed: so an entry that is gone needs nothing more.</item>
/// <item>6 the entry deleted, in part after a crash. 7 flushed.</item>
/// </list>
/// The entry's name holds the object's id, so whoever finds it can finish it; a sweep of staging leaves it alone.
/// </remarks>
internal sealed class ObjectDestruction(ArchivePlaces places, ObjectReader objects)
{
    public async Task<DestroyOutcome> DestroyAsync(string objectId, Sha512Digest approved, bool acceptsDamage, CancellationToken cancellation)
    {
        bool wasLeft = await FinishAsync(objectId);
        if (places.Folder.Find(places.ObjectPath(objectId)) is null)
        {
            return wasLeft ? new DestroyOutcome.Destroyed() : new DestroyOutcome.AlreadyGone();
        }

        if (Refusal(objectId, approved, acceptsDamage) is { } refusal)   // 1
        {
            return refusal;
        }

        cancellation.ThrowIfCancellationRequested();
        await TakeOutAsync(objectId);   // 2, 3
        await RemoveAsync(objectId);    // 4 to 7
        return new DestroyOutcome.Destroyed();
    }

    /// <summary>Finishes what a crash has left after 2; removes empty folders above the object's place in any case.</summary>
    /// <returns>Whether there was an entry.</returns>
    public async Task<bool> FinishAsync(string objectId)
    {
        bool isLeft = places.Folder.Find(places.DestroyedPath(objectId)) is not null;
        if (isLeft)
        {
            await FlushAsync();   // 3 again: nobody knows whether the one who renamed got so far
        }

        await RemoveAsync(objectId);
        return isLeft;
    }

    private DestroyOutcome? Refusal(string objectId, Sha512Digest approved, bool acceptsDamage)
    {
        try
        {
            var found = objects.Find(objectId);
            return found is null ? new DestroyOutcome.AlreadyGone()
                : found.InventoryDigest == approved ? null
                : new DestroyOutcome.Changed(found.InventoryDigest);
        }
        catch (DamagedObjectException damage)
        {
            // Accepting damage never means destroying another object that lies in this one's place.
            return acceptsDamage && damage.Finding.Code != ObjectReader.OtherObjectCode ? null : new DestroyOutcome.Damaged(damage.Finding);
        }
    }

    private async Task TakeOutAsync(string objectId)
    {
        var since = places.Folder.Mark();
        places.Folder.Move(places.ObjectPath(objectId), places.DestroyedPath(objectId));   // 2: past the point of no return, so no token below
        try
        {
            await places.Folder.FlushAsync(since, CancellationToken.None);                // 3
        }
        catch (FlushFailedException)
        {
            TakeBack(objectId);
            throw;
        }
    }

    private async Task RemoveAsync(string objectId)
    {
        string place = places.ObjectPath(objectId);
        if (places.Folder.Find(place) is null)
        {
            places.PruneEmptyParents(place);   // 4
            await FlushAsync();                // 5
        }

        string entry = places.DestroyedPath(objectId);
        if (places.Folder.Find(entry) is not null)
        {
            places.Folder.DeleteTree(entry);   // 6
            await FlushAsync();                // 7
        }
    }

    // A rename that may be lost must not be built on: the next flush would succeed and say nothing about it.
    private void TakeBack(string objectId)
    {
        try
        {
            places.MoveBelowParents(places.DestroyedPath(objectId), places.ObjectPath(objectId));
        }
        catch (StorageException)
        {
            // A disk that fails to flush may refuse this too. The entry stays whole, and is finished by whoever finds it.
        }
    }

    private async Task FlushAsync() => await places.Folder.FlushAsync(places.Folder.Mark(), CancellationToken.None);
}
