using System.Runtime.CompilerServices;
using DocIngest.Backup.Repositories;
using DocIngest.Storage;

namespace DocIngest.Backup.Locks;

/// <summary>All locks of a repository.</summary>
public sealed class LockFolder(Repository repository)
{
    /// <summary>All locks. Empty files, which some stores leave when an upload is broken off, are left out as in restic.</summary>
    public async IAsyncEnumerable<ListedLock> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var file in repository.Store.ListAsync(FileKind.Lock, cancellation))
        {
            if (file.SizeBytes > 0 && await TryReadAsync(file.Id, cancellation) is { } listed)
                yield return listed;
        }
    }

    /// <summary>Removes the locks that belong to nobody any more, or all: then nobody may be working there.</summary>
    /// <returns>How many.</returns>
    public async Task<int> UnlockAsync(LockOwner owner, TimeProvider time, bool removeAll, CancellationToken cancellation)
    {
        var removed = new List<FileId>();
        if (removeAll)
        {
            await foreach (var file in repository.Store.ListAsync(FileKind.Lock, cancellation))
                removed.Add(file.Id);
        }
        else
        {
            await foreach (var listed in ListAsync(cancellation))
            {
                if (listed.File is { } file && owner.IsStale(file, time.GetUtcNow()))
                    removed.Add(listed.Id);
            }
        }

        foreach (var id in removed)
            await repository.Store.DeleteAsync(FileKind.Lock, id, cancellation);
        return removed.Count;
    }

    private async Task<ListedLock?> TryReadAsync(FileId id, CancellationToken cancellation)
    {
        try
        {
            return new ListedLock(id, await repository.LoadLockAsync(id, cancellation), null);
        }
        catch (EntryNotFoundException)
        {
            return null;   // released since it was listed
        }
        catch (DamagedRepositoryException error)
        {
            return new ListedLock(id, null, error);
        }
    }
}

/// <summary>A lock as a listing tells it.</summary>
/// <param name="Id">Its name.</param>
/// <param name="File">What it says; null where it cannot be read.</param>
/// <param name="Fault">Why it cannot be read.</param>
public sealed record ListedLock(FileId Id, LockFile? File, DamagedRepositoryException? Fault);
