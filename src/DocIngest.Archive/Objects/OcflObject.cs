using System.Diagnostics;

namespace DocIngest.Archive;

/// <summary>An object as its root inventory told it when it was read: a snapshot, never changed by later versions.</summary>
public sealed class OcflObject
{
    internal OcflObject(string path, InventoryFile inventory)
    {
        Path = path;
        File = inventory;
        Versions = [.. inventory.Inventory.Versions.Select(Describe)];
    }

    /// <summary>The object's id.</summary>
    public string Id => File.Inventory.Id;

    /// <summary>The highest version.</summary>
    public VersionNumber Head => File.Inventory.Head;

    /// <summary>The object root, relative to the archive's folder.</summary>
    public string Path { get; }

    /// <summary>Digest of the root inventory: it covers every version, name and byte of the object.</summary>
    public Sha512Digest InventoryDigest => File.Digest;

    /// <summary>All versions, first to head.</summary>
    public IReadOnlyList<ArchivedVersion> Versions { get; }

    internal InventoryFile File { get; }

    /// <summary>The files of one version, in ordinal order of their logical paths.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such version.</exception>
    public IReadOnlyList<ArchivedFile> ListVersion(VersionNumber version) =>
        [.. State(version).Select(entry => new ArchivedFile(entry.Key, entry.Value, ContentPath(entry.Value)))];

    /// <summary>One file of one version, or null where that version has none of that name.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such version.</exception>
    public ArchivedFile? FindFile(VersionNumber version, string logicalPath) =>
        State(version).TryGetValue(logicalPath, out var digest) ? new ArchivedFile(logicalPath, digest, ContentPath(digest)) : null;

    private IReadOnlyDictionary<string, Sha512Digest> State(VersionNumber version)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(version.Value, 1, nameof(version));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(version.Value, Head.Value, nameof(version));
        return File.Inventory[version].State;
    }

    private string ContentPath(Sha512Digest digest) => $"{Path}/{File.Inventory.Manifest[digest][0]}";

    private static ArchivedVersion Describe(InventoryVersion block, int index)
    {
        // The reader has let no other text through.
        return InventoryReader.TryParseCreated(block.Created, out var created)
            ? new ArchivedVersion(new VersionNumber(index + 1), created, block.Message, block.User?.Name, block.User?.Address)
            : throw new UnreachableException();
    }
}

/// <summary>What the inventory says of a version.</summary>
/// <param name="Number">Which.</param>
/// <param name="Created">When, UTC.</param>
/// <param name="Message">Why. Null only in versions of other programs.</param>
/// <param name="UserName">Who. Null only in versions of other programs.</param>
/// <param name="UserAddress">Who, as a URI. Null only in versions of other programs.</param>
public sealed record ArchivedVersion(VersionNumber Number, DateTimeOffset Created, string? Message, string? UserName, string? UserAddress);

/// <summary>A file of a version.</summary>
/// <param name="LogicalPath">Its name in the version.</param>
/// <param name="Digest">Its content.</param>
/// <param name="ContentPath">Where the bytes lie, relative to the archive's folder; often below an earlier version.</param>
public sealed record ArchivedFile(string LogicalPath, Sha512Digest Digest, string ContentPath);
