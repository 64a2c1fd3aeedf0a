using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>What stands where an object should. Closed: only the cases below exist.</summary>
public abstract record ObjectListing
{
    private ObjectListing()
    {
    }

    /// <summary>An object that can be read.</summary>
    public sealed record Readable(OcflObject Object) : ObjectListing;

    /// <summary>A folder that holds no object that can be read: a person must look.</summary>
    public sealed record Unreadable(DamagedObjectException Damage) : ObjectListing;
}

/// <summary>Goes through the storage root, one folder in memory at a time.</summary>
internal sealed class ObjectWalk(ArchivePlaces places, ObjectReader objects)
{
    public IEnumerable<ObjectListing> All() => Below(places.Root, depth: 0);

    // Whatever lies at the depth of objects is treated as one. So an object that lost its declaration is reported, and not
    // taken for a folder in between and silently left out.
    private IEnumerable<ObjectListing> Below(string path, int depth)
    {
        var layout = HashedNTupleLayout.Default;
        foreach (var entry in Folders(path))
        {
            string child = $"{path}/{entry.Name}";
            if (depth == 0 && entry.Name == StorageRootFiles.ExtensionsFolder)
            {
                continue;
            }

            if (depth == layout.NumberOfTuples)
            {
                if (Read(child) is { } listing)
                {
                    yield return listing;
                }
            }
            else if (layout.IsTuple(entry.Name, depth))
            {
                foreach (var listing in Below(child, depth + 1))
                {
                    yield return listing;
                }
            }
            else
            {
                yield return new ObjectListing.Unreadable(new DamagedObjectException("E088", child, "The folder is none of the layout's."));
            }
        }
    }

    private IEnumerable<FolderEntry> Folders(string path)
    {
        try
        {
            // Materialized: a listing must not stay open while a caller works through what is below.
            return [.. places.Folder.List(path).Where(entry => entry.Kind == EntryKind.Folder)];
        }
        catch (EntryNotFoundException)
        {
            return [];   // removed since its parent was listed: a writer pruned an empty parent
        }
    }

    private ObjectListing? Read(string path)
    {
        try
        {
            var found = objects.ReadAt(path);
            return places.ObjectPath(found.Id) == path
                ? new ObjectListing.Readable(found)
                : new ObjectListing.Unreadable(new DamagedObjectException("E083", path, "The object lies elsewhere than the layout puts its id."));
        }
        catch (DamagedObjectException) when (places.Folder.Find(path) is null)
        {
            return null;   // destroyed since its folder was listed
        }
        catch (DamagedObjectException damage)
        {
            return new ObjectListing.Unreadable(damage);
        }
    }
}
