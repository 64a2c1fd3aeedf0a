namespace DocIngest.Archive;

/// <summary>Settles one object after a crash, by what is on disk. Never walks the archive.</summary>
/// <remarks>
/// What is seen, by the crash points of <see cref="GroupCommit"/>:
/// <list type="table">
/// <item><term>1, 2: staging only, or not even that</term><description>Absent. Empty parent folders that point 3 may have made are removed (E073).</description></item>
/// <item><term>3, 4: new object in place, its staging entry gone</term><description>Committed: the rename carried all of it.</description></item>
/// <item><term>3, 4: vN in place, root at N-1</term><description>Ours by the seal: re-read, then published. Unsound, or the root is
/// not what it was built on: moved back to staging.</description></item>
/// <item><term>5 or 6 alone</term><description>Published again from vN, whosever it is: flush 4 came before.</description></item>
/// <item><term>7</term><description>Committed. The root pair is written once more, in case the flush that should have kept it failed.</description></item>
/// </list>
/// A crash during recovery leaves one of these states again.
/// </remarks>
internal sealed class ObjectRecovery(ArchivePlaces places, ObjectReader objects, ContentReader contents)
{
    public async ValueTask<RecoveryOutcome> RecoverAsync(
        string objectId, VersionNumber version, string stagingName, CancellationToken cancellation)
    {
        string path = places.ObjectPath(objectId);
        string staging = places.StagingPath(stagingName);
        string own = places.NewOwnPath(stagingName);
        RemoveLeftOver(stagingName);
        if (places.Folder.Find(path) is null)
        {
            places.PruneEmptyParents(path);
            return new RecoveryOutcome.Absent();
        }

        try
        {
            var healed = await FinishHalfPublishedAsync(path, own, cancellation);
            return version == VersionNumber.First ? RecoverObject(objectId, staging)
                : Seal.Find(places.Folder, staging, objectId) is { } seal && seal.Version == version ? await RecoverVersionAsync(objectId, staging, own, seal, healed, cancellation)
                : new RecoveryOutcome.Absent();   // never sealed, or the seal never durable: so never placed
        }
        catch (DamagedObjectException damage)
        {
            return new RecoveryOutcome.Damaged(damage.Finding);
        }
    }

    /// <summary>Removes what an earlier recovery of this scan left when it was cut short. Nobody else recovers the scan meanwhile.</summary>
    private void RemoveLeftOver(string stagingName)
    {
        if (places.Folder.Find(places.Staging) is null)
            return;
        var left = places.Folder.List(places.Staging)
            .Select(entry => entry.Name)
            .Where(name => name != stagingName && ArchivePlaces.OwnerOf(name) == stagingName)
            .ToList();
        left.ForEach(name => places.Folder.DeleteTree($"{places.Staging}/{name}"));
    }

    private async ValueTask<VersionNumber?> FinishHalfPublishedAsync(string path, string own, CancellationToken cancellation)
    {
        var version = objects.FindHalfPublished(path);
        if (version is { } half)
        {
            var inventory = ReadSoundVersion(path, half, cancellation);
            await PublishAsync(inventory, path, own, cancellation);
        }

        return version;
    }

    // A new object takes its staging entry along. An entry that is still there was staged once more, and is ours only if it is the same.
    private RecoveryOutcome RecoverObject(string objectId, string staging)
    {
        string path = places.ObjectPath(objectId);
        _ = objects.Find(objectId) ?? throw Vanished(path);
        return places.Folder.Find(staging) is null || IsStagedAgain(staging, path)
            ? new RecoveryOutcome.Committed(VersionNumber.First)
            : new RecoveryOutcome.Absent();
    }

    private bool IsStagedAgain(string staging, string path) =>
        objects.TryReadSidecar(staging) is { } staged && staged == objects.TryReadSidecar($"{path}/{VersionNumber.First.Name}");

    private async ValueTask<RecoveryOutcome> RecoverVersionAsync(
        string objectId, string staging, string own, Seal seal, VersionNumber? healed, CancellationToken cancellation)
    {
        string path = places.ObjectPath(objectId);
        if (objects.TryReadSidecar($"{path}/{seal.Version.Name}") != seal.Inventory)
        {
            return new RecoveryOutcome.Absent();   // not placed, or the place is another's
        }

        var current = objects.Find(objectId) ?? throw Vanished(path);
        if (current.Head.CompareTo(seal.Version) < 0)
        {
            return await FinishOrTakeBackAsync(current, staging, own, seal, cancellation);
        }

        if (current.Head == seal.Version)
        {
            if (current.InventoryDigest != seal.Inventory)
            {
                throw new DamagedObjectException("E064", path, "The root inventory is not the one of its highest version.");
            }

            await PublishAsync(current.File, path, own, cancellation);   // 7, or before it: the same bytes again, see the remarks
        }

        return healed == seal.Version ? new RecoveryOutcome.RolledForward(seal.Version) : new RecoveryOutcome.Committed(seal.Version);
    }

    private async ValueTask<RecoveryOutcome> FinishOrTakeBackAsync(OcflObject current, string staging, string own, Seal seal, CancellationToken cancellation)
    {
        try
        {
            if (current.InventoryDigest != seal.Base)
            {
                throw new DamagedObjectException("E046", current.Path, $"The object is not the one that {seal.Version} was built on.");
            }

            await PublishAsync(ReadSoundVersion(current.Path, seal.Version, cancellation), current.Path, own, cancellation);
            return new RecoveryOutcome.RolledForward(seal.Version);
        }
        catch (DamagedObjectException damage)
        {
            string back = $"{staging}/{seal.Version.Name}";
            bool isTaken = places.Folder.Find(back) is not null;   // staged once more since
            places.Folder.Move($"{current.Path}/{seal.Version.Name}", isTaken ? own : back);
            return new RecoveryOutcome.RolledBack(damage.Finding);
        }
    }

    /// <summary>Reads a placed version with every byte it added: it is about to be vouched for.</summary>
    private InventoryFile ReadSoundVersion(string path, VersionNumber version, CancellationToken cancellation)
    {
        var file = objects.ReadVersionInventory($"{path}/{version.Name}");
        if (file.Inventory.Head != version || places.ObjectPath(file.Inventory.Id) != path)
        {
            throw new DamagedObjectException("E040", path, $"The inventory in {version} is not that version's.");
        }

        foreach (var (digest, contentPaths) in file.Inventory.Manifest)
        {
            foreach (string contentPath in contentPaths.Where(content => content.StartsWith($"{version.Name}/", StringComparison.Ordinal)))
            {
                if (contents.Check($"{path}/{contentPath}", digest, cancellation).Finding is { } finding)
                {
                    throw new DamagedObjectException(finding);
                }
            }
        }

        return file;
    }

    // Flushed in between: a file renamed over another before its bytes are durable may replace a sound inventory by an empty one.
    private async ValueTask PublishAsync(InventoryFile inventory, string path, string copies, CancellationToken cancellation)
    {
        var since = places.Folder.Mark();
        places.Folder.CreateFolder(copies);
        SealedFolder.WritePair(places.Folder, copies, inventory);
        await places.Folder.FlushAsync(since, cancellation);
        RootPair.Publish(places.Folder, copies, path);
        places.Folder.DeleteTree(copies);
    }

    private static DamagedObjectException Vanished(string path) => new("E003", path, "The object vanished while it was recovered.");
}
