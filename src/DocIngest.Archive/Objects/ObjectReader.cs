using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>Reads one object's root, and trusts nothing that its sidecar does not vouch for.</summary>
internal sealed class ObjectReader(ArchivePlaces places)
{
    /// <summary>The code of damage where an object of another id lies in this one's place (OCFL 1.1, E083).</summary>
    public const string OtherObjectCode = "E083";

    /// <summary>Reads the object of this id; null where the archive holds none.</summary>
    /// <exception cref="DamagedObjectException">It is there and breaks a rule.</exception>
    public OcflObject? Find(string objectId)
    {
        string path = places.ObjectPath(objectId);
        if (places.Folder.Find(path) is null)
        {
            return null;
        }

        OcflObject found;
        try
        {
            found = ReadAt(path);
        }
        catch (DamagedObjectException) when (places.Folder.Find(path) is null)
        {
            return null;   // destroyed while it was read
        }

        return found.Id == objectId
            ? found
            : throw new DamagedObjectException(OtherObjectCode, path, "Another object lies where the layout puts this id.");
    }

    /// <summary>Reads whatever object lies here.</summary>
    /// <exception cref="DamagedObjectException">It breaks a rule.</exception>
    public OcflObject ReadAt(string path)
    {
        DemandDeclaration(path);
        var root = ReadRoot(path);
        while (!root.IsMatch && !IsAhead(root))
        {
            // Damage stands still. What a second look shows otherwise was writers at work between the two reads.
            var again = ReadRoot(path);
            root = again.IsSameAs(root) ? throw root.Mismatch() : again;
        }

        return root.ToObject();
    }

    /// <summary>
    /// The version whose publishing was cut short here: one of the object's root inventory and sidecar is that version's, the
    /// other is still the one of the version before (docs/adr/0002, crash points 5 and 6). Null where both agree.
    /// </summary>
    /// <exception cref="DamagedObjectException">They disagree in any other way.</exception>
    public VersionNumber? FindHalfPublished(string path)
    {
        var root = ReadRoot(path);
        if (root.IsMatch)
        {
            return null;
        }

        return IsAhead(root) ? root.TryHead()
            : IsBehind(root) ? root.TryHead()?.Next
            : throw root.Mismatch();
    }

    /// <summary>A version directory's own inventory.</summary>
    /// <exception cref="DamagedObjectException">Missing, not matching its sidecar, or breaking a rule.</exception>
    public InventoryFile ReadVersionInventory(string versionPath)
    {
        string inventoryPath = ObjectRootFiles.InventoryPathOf(versionPath);
        byte[] bytes = Read(inventoryPath, InventoryReader.LimitBytes, missing: "E063");
        return Sha512Digest.Of(bytes) == ReadSidecar(versionPath)
            ? InventoryReader.Read(bytes, inventoryPath)
            : throw ObjectRootFiles.Mismatch(inventoryPath);
    }

    /// <summary>The digest in the sidecar of this folder (an object root or a version directory).</summary>
    /// <exception cref="DamagedObjectException">Missing or of another shape.</exception>
    public Sha512Digest ReadSidecar(string folderPath)
    {
        string path = ObjectRootFiles.SidecarPathOf(folderPath);
        return ObjectRootFiles.ReadSidecar(Read(path, Sidecar.LimitBytes, missing: "E058"), path);
    }

    /// <summary>The digest in the sidecar of this folder; null where there is none that can be used.</summary>
    public Sha512Digest? TryReadSidecar(string folderPath)
    {
        try
        {
            return ReadSidecar(folderPath);
        }
        catch (DamagedObjectException)
        {
            return null;   // the caller compares, and "none" equals nothing
        }
    }

    // The sidecar first: a reader without a lock may then meet an inventory newer than its sidecar (IsAhead), never an older one.
    private ObjectRootFiles ReadRoot(string path)
    {
        var sidecar = ReadSidecar(path);
        byte[] bytes = Read(ObjectRootFiles.InventoryPathOf(path), InventoryReader.LimitBytes, missing: "E063");
        return new ObjectRootFiles(path, bytes, Sha512Digest.Of(bytes), sidecar);
    }

    /// <summary>
    /// Whether the new inventory is in place and the sidecar still the one of the version before. Such an object is sound:
    /// its version's own sidecar vouches for the inventory, and readers that take no lock meet it for an instant in every commit.
    /// </summary>
    private bool IsAhead(ObjectRootFiles root) =>
        root.TryHead() is { } head
        && head != VersionNumber.First
        && TryReadSidecar($"{root.Path}/{head.Name}") == root.Digest
        && TryReadSidecar($"{root.Path}/{Before(head).Name}") == root.Sidecar;

    /// <summary>The other way round: only after a power cut that kept the later rename and lost the earlier.</summary>
    private bool IsBehind(ObjectRootFiles root) =>
        root.TryHead() is { } head
        && TryReadSidecar($"{root.Path}/{head.Name}") == root.Digest
        && TryReadSidecar($"{root.Path}/{head.Next.Name}") == root.Sidecar;

    private static VersionNumber Before(VersionNumber version) => new(version.Value - 1);

    private void DemandDeclaration(string path)
    {
        string declaration = ObjectRootFiles.DeclarationPathOf(path);
        ObjectRootFiles.DemandDeclaration(Read(declaration, Sidecar.LimitBytes, missing: "E003"), declaration);
    }

    private byte[] Read(string path, int limitBytes, string missing)
    {
        try
        {
            return places.Folder.TryReadWhole(path, limitBytes)
                ?? throw new DamagedObjectException(missing, path, "The file is missing.");
        }
        catch (RefusedEntryException error)
        {
            throw new DamagedObjectException("E090", path, "A link, folder or device stands where a file must be.", error);
        }
        catch (InvalidDataException error)
        {
            throw new DamagedObjectException("E033", path, "The file is longer than anything this archive writes.", error);
        }
    }
}
