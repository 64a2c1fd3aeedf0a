namespace DocIngest.Archive;

/// <summary>The inventory and the sidecar in an object root, as they were read: what a reader may believe of them, wherever they lie.</summary>
/// <param name="Path">The object root.</param>
/// <param name="Bytes">The inventory.</param>
/// <param name="Digest">Its digest.</param>
/// <param name="Sidecar">The digest that the sidecar tells; null where there is no sidecar yet.</param>
internal sealed record ObjectRootFiles(string Path, byte[] Bytes, Sha512Digest Digest, Sha512Digest? Sidecar)
{
    public bool IsMatch => Digest == Sidecar;

    public string InventoryPath => InventoryPathOf(Path);

    public static string InventoryPathOf(string path) => $"{path}/{ArchivePlaces.InventoryFileName}";

    public static string SidecarPathOf(string path) => $"{path}/{ArchivePlaces.SidecarFileName}";

    public static string DeclarationPathOf(string path) => $"{path}/{ArchivePlaces.ObjectDeclaration}";

    /// <summary>The head that the inventory tells; null where it breaks a rule.</summary>
    public VersionNumber? TryHead()
    {
        try
        {
            return InventoryReader.Read(Bytes, InventoryPath).Inventory.Head;
        }
        catch (DamagedObjectException)
        {
            return null;   // torn or altered: the finding will be the sidecar's
        }
    }

    public bool IsSameAs(ObjectRootFiles other) => Digest == other.Digest && Sidecar == other.Sidecar;

    /// <exception cref="DamagedObjectException">The inventory breaks a rule.</exception>
    public OcflObject ToObject() => new(Path, InventoryReader.Read(Bytes, InventoryPath));

    public DamagedObjectException Mismatch() => Mismatch(InventoryPath);

    public static DamagedObjectException Mismatch(string inventoryPath) =>
        new("E060", inventoryPath, "The inventory does not match its sidecar.");

    /// <exception cref="DamagedObjectException">The declaration is missing or says something else.</exception>
    public static void DemandDeclaration(ReadOnlySpan<byte> content, string path)
    {
        if (!content.SequenceEqual(Declaration))
        {
            throw new DamagedObjectException("E007", path, "The object's declaration does not say what its name says.");
        }
    }

    /// <exception cref="DamagedObjectException">Of another shape.</exception>
    public static Sha512Digest ReadSidecar(ReadOnlySpan<byte> content, string path) =>
        Archive.Sidecar.TryParse(content) ?? throw new DamagedObjectException("E061", path, "The sidecar is no SHA-512 digest of inventory.json.");

    /// <summary>The declaration of an object.</summary>
    public static ReadOnlySpan<byte> Declaration => "ocfl_object_1.1\n"u8;
}
