using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>What an object must hold, told by an inventory that can be believed.</summary>
/// <param name="Head">The newest version.</param>
/// <param name="Digests">The digest of each file by its path in the object, what is referred to before what refers to it.</param>
/// <param name="Known">Those whose bytes follow from the inventory: they need no copy.</param>
/// <param name="Unknown">Files that must be there, and nobody can say what is in them.</param>
internal sealed record WantedFiles(
    VersionNumber Head, IReadOnlyList<(string Path, Sha512Digest Digest)> Digests, IReadOnlyDictionary<string, byte[]> Known, IReadOnlyList<string> Unknown)
{
    /// <summary>Finds out.</summary>
    /// <param name="objectId">The object's id.</param>
    /// <param name="head">Digest of the newest inventory as somebody else noted it; null where nobody did: then the newest of the object's own is believed that agrees with its sidecar, and none of a copy.</param>
    /// <param name="own">The object.</param>
    /// <param name="copies">Copies of it.</param>
    /// <returns>Null where no inventory can be believed.</returns>
    public static WantedFiles? Of(string objectId, Sha512Digest? head, ObjectCopy own, IReadOnlyList<ObjectCopy> copies)
    {
        ObjectCopy[] places = [own, .. copies];
        if (FindHead(objectId, head, head is null ? [own] : places) is not { } inventory)
        {
            return null;
        }

        var known = new Dictionary<string, byte[]>(StringComparer.Ordinal) { [ArchivePlaces.ObjectDeclaration] = ObjectRootFiles.Declaration.ToArray() };
        var unknown = new List<string>();
        for (var version = VersionNumber.First; version.CompareTo(inventory.Inventory.Head) <= 0; version = version.Next)
        {
            if (version == inventory.Inventory.Head)
            {
                AddPair(known, version.Name, inventory);
            }
            else if (places.Select(place => TryReadPair(place, version.Name)).FirstOrDefault(one => one is not null && IsBefore(one.Inventory, inventory.Inventory, version)) is { } earlier)
            {
                AddPair(known, version.Name, earlier);
            }
            else
            {
                unknown.Add($"{version.Name}/{ArchivePlaces.InventoryFileName}");
            }
        }

        AddPair(known, "", inventory);
        var content = inventory.Inventory.Manifest.SelectMany(entry => entry.Value.Select(path => (Path: path, Digest: entry.Key))).OrderBy(file => file.Path, StringComparer.Ordinal);
        return new WantedFiles(inventory.Inventory.Head, [.. content, .. known.Select(file => (file.Key, Sha512Digest.Of(file.Value)))], known, unknown);
    }

    private static void AddPair(Dictionary<string, byte[]> known, string folder, InventoryFile inventory)
    {
        known[ArchivePlaces.Below(folder, ArchivePlaces.InventoryFileName)] = inventory.Bytes;
        known[ArchivePlaces.Below(folder, ArchivePlaces.SidecarFileName)] = inventory.SidecarBytes;
    }

    // The newest wherever it stands: in the root, in the folder of its version, in a copy.
    private static InventoryFile? FindHead(string objectId, Sha512Digest? head, IReadOnlyList<ObjectCopy> places)
    {
        var all = places.SelectMany(place => InventoriesOf(place, isVouchedFor: head is not null)).Where(one => one.Inventory.Id == objectId);
        return head is { } digest ? all.FirstOrDefault(one => one.Digest == digest) : all.MaxBy(one => one.Inventory.Head);
    }

    private static IEnumerable<InventoryFile> InventoriesOf(ObjectCopy place, bool isVouchedFor)
    {
        string[] folders = place.Folder.Find(place.Path) is { Kind: EntryKind.Folder }
            ? ["", .. place.Folder.List(place.Path).Where(entry => entry.Kind == EntryKind.Folder && VersionNumber.TryParse(entry.Name, out _)).Select(entry => entry.Name)]
            : [];
        return folders.Select(folder => isVouchedFor ? TryRead(place, folder) : TryReadPair(place, folder)).OfType<InventoryFile>();
    }

    private static InventoryFile? TryReadPair(ObjectCopy place, string folder) =>
        TryReadBytes(place, ArchivePlaces.Below(folder, ArchivePlaces.SidecarFileName), Sidecar.LimitBytes) is { } sidecar
        && TryRead(place, folder) is { } inventory && Sidecar.TryParse(sidecar) == inventory.Digest ? inventory : null;

    private static InventoryFile? TryRead(ObjectCopy place, string folder)
    {
        string path = ArchivePlaces.Below(folder, ArchivePlaces.InventoryFileName);
        try
        {
            return TryReadBytes(place, path, InventoryReader.LimitBytes) is { } bytes ? InventoryReader.Read(bytes, path) : null;
        }
        catch (DamagedObjectException)
        {
            return null;   // another place may have it
        }
    }

    private static byte[]? TryReadBytes(ObjectCopy place, string path, int limitBytes)
    {
        try
        {
            return place.Folder.TryReadWhole($"{place.Path}/{path}", limitBytes);
        }
        catch (Exception error) when (error is RefusedEntryException or InvalidDataException)
        {
            return null;   // something else stands there
        }
    }

    // The object as it was at that version (OCFL 1.1, 3.7: earlier version blocks are not changed).
    private static bool IsBefore(Inventory earlier, Inventory head, VersionNumber version) =>
        earlier.Id == head.Id && earlier.Head == version
        && earlier.Versions.Zip(head.Versions).All(pair => pair.First.Created == pair.Second.Created && pair.First.State.SequenceEqual(pair.Second.State));
}
