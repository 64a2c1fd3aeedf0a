using System.Diagnostics;
using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>
/// Puts many staged versions into the archive with two flushes, three where objects get further versions.
/// </summary>
/// <remarks>
/// <para>The order, and what a crash leaves at each point (docs/adr/0002-ocfl-commit-order.md):</para>
/// <para>1 sealed in staging, not flushed: nothing in the archive. 2 flushed: nothing in the archive.
/// 3 new objects and vN folders renamed into place, not flushed: each is there whole or not at all; an object with a placed
/// vN still reads as N-1. 4 flushed. 5 root inventory replaced: the object reads as N. 6 root sidecar replaced, not
/// flushed: a power cut may keep 5, 6, both or neither. 7 flushed.</para>
/// <para>Flush 4 is what lets recovery believe that a root pair which names vN has a durable vN behind it.</para>
/// </remarks>
internal sealed class GroupCommit(ArchivePlaces places, ObjectReader objects)
{
    public async Task<IReadOnlyList<CommitResult>> CommitAsync(IReadOnlyList<StagedVersion> group, CancellationToken cancellation)
    {
        if (group.FirstOrDefault(staged => !staged.IsSealed) is { } open)
        {
            throw new ArgumentException($"The staged version {open.StagingName} is not sealed.", nameof(group));
        }

        if (group.Count == 0)
        {
            return [];
        }

        var items = group.Select(staged => new Item(staged)).ToList();
        await places.Folder.FlushAsync(EarliestOf(group), cancellation);    // 2: whatever is renamed from here on is whole
        cancellation.ThrowIfCancellationRequested();
        var sincePlacing = places.Folder.Mark();
        items.ForEach(item => Attempt(item, Place));                        // 3: past the point of no return, so no token below
        await FlushPlacedAsync(items, sincePlacing);                        // 4
        var versions = items.FindAll(item => item.State == ItemState.Placed && !item.Staged.IsNewObject);
        if (versions.Count > 0)
        {
            var sincePublishing = places.Folder.Mark();
            versions.ForEach(item => Attempt(item, Publish));               // 5, 6
            await places.Folder.FlushAsync(sincePublishing, CancellationToken.None);    // 7
        }

        return [.. items.Select(item => item.Result)];
    }

    private static FlushMark EarliestOf(IEnumerable<StagedVersion> group) =>
        group.Select(staged => staged.Since).MinBy(mark => mark.FailedFlushes);

    private static void Attempt(Item item, Action<Item> step)
    {
        try
        {
            step(item);
        }
        catch (ArchiveException refusal)
        {
            item.Refuse(refusal);
        }
        catch (StorageException error)
        {
            item.Fail(error);
        }
    }

    private void Place(Item item)
    {
        if (item.Staged.IsNewObject)
        {
            PlaceObject(item);
        }
        else
        {
            PlaceVersion(item);
        }
    }

    private void PlaceObject(Item item)
    {
        var staged = item.Staged;
        try
        {
            places.MoveBelowParents(staged.StagingPath, staged.ObjectPath);
            item.State = ItemState.Placed;
        }
        catch (NameTakenException)
        {
            item.State = objects.TryReadSidecar(staged.PlacedVersionPath) == item.Inventory.Digest
                ? ItemState.Already
                : throw new ObjectExistsException(staged.ObjectId);
        }
    }

    private void PlaceVersion(Item item)
    {
        var staged = item.Staged;
        try
        {
            places.Folder.Move(staged.VersionPath, staged.PlacedVersionPath);
            item.IsPlacedByUs = true;
        }
        catch (NameTakenException)
        {
            if (objects.TryReadSidecar(staged.PlacedVersionPath) != item.Inventory.Digest)
            {
                throw new ObjectOutOfSyncException(staged.ObjectId, staged.Version, "another version of that number is there");
            }
        }
        catch (EntryNotFoundException)
        {
            throw new ObjectOutOfSyncException(staged.ObjectId, staged.Version, "the object is no longer there");
        }

        item.State = ItemState.Placed;
    }

    private async Task FlushPlacedAsync(List<Item> items, FlushMark since)
    {
        if (!items.Exists(item => item.State is ItemState.Placed or ItemState.Already))
        {
            return;
        }

        try
        {
            await places.Folder.FlushAsync(since, CancellationToken.None);
        }
        catch (FlushFailedException)
        {
            items.ForEach(TakeBack);
            throw;
        }
    }

    // A rename that may be lost must not pass for a commit: the next flush would succeed and say nothing about it.
    private void TakeBack(Item item)
    {
        try
        {
            if (item.State == ItemState.Placed && item.Staged.IsNewObject)
            {
                places.Folder.Move(item.Staged.ObjectPath, item.Staged.StagingPath);
                places.PruneEmptyParents(item.Staged.ObjectPath);
            }
            else if (item.IsPlacedByUs)
            {
                places.Folder.Move(item.Staged.PlacedVersionPath, item.Staged.VersionPath);
            }
        }
        catch (StorageException)
        {
            // A disk that fails to flush may refuse this too. The flush's error reaches the caller, who must recover every item.
        }
    }

    private void Publish(Item item)
    {
        var staged = item.Staged;
        var rootDigest = objects.ReadSidecar(staged.ObjectPath);
        if (rootDigest == item.Inventory.Digest)
        {
            item.State = ItemState.Already;
            return;
        }

        // The check of OCFL/spec#517, after vN is in place: nobody rolled the object back and built another history meanwhile.
        if (rootDigest != staged.Base?.Digest)
        {
            if (item.IsPlacedByUs)
            {
                places.Folder.Move(staged.PlacedVersionPath, staged.VersionPath);
            }

            throw new ObjectOutOfSyncException(staged.ObjectId, staged.Version, "its inventory has changed since it was read");
        }

        RootPair.Publish(places.Folder, $"{staged.StagingPath}/{SealedFolder.RootCopiesFolder}", staged.ObjectPath);   // 5, 6
        item.State = ItemState.Published;
    }

    private enum ItemState
    {
        Staged,
        Placed,
        Published,
        Already,
        Refused,
        Failed,
    }

    private sealed class Item(StagedVersion staged)
    {
        private Exception? _error;

        public StagedVersion Staged { get; } = staged;

        public InventoryFile Inventory { get; } = staged.Sealed ?? throw new ArgumentException("Not sealed.", nameof(staged));

        public ItemState State { get; set; } = ItemState.Staged;

        /// <summary>Whether vN was renamed by this commit, so that this commit may take it back.</summary>
        public bool IsPlacedByUs { get; set; }

        public CommitResult Result => (State, _error) switch
        {
            (ItemState.Placed or ItemState.Published, _) => new CommitResult.Committed(Staged),
            (ItemState.Already, _) => new CommitResult.AlreadyCommitted(Staged),
            (ItemState.Refused, ArchiveException reason) => new CommitResult.Refused(Staged, reason),
            (ItemState.Failed, StorageException error) => new CommitResult.Failed(Staged, error),
            _ => throw new UnreachableException(),
        };

        public void Refuse(ArchiveException reason) => (State, _error) = (ItemState.Refused, reason);

        public void Fail(StorageException error) => (State, _error) = (ItemState.Failed, error);
    }
}
