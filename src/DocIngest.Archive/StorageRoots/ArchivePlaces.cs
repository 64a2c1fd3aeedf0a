using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>The names that one archive uses in its folder.</summary>
internal sealed class ArchivePlaces(IDurableFolder folder, string rootPath, string stagingPath)
{
    public const string ObjectDeclaration = "0=ocfl_object_1.1";
    public const string InventoryFileName = "inventory.json";
    public const string SidecarFileName = "inventory.json.sha512";

    // What the archive itself needs for a moment: .<32 digits>-<staging name> while it works on a scan, .root-<32 digits> for a new root,
    // .destroyed-<escaped object id> for an object that has left the storage root and is being deleted.
    private const char OwnPrefix = '.';
    private const string DestroyedPrefix = ".destroyed-";

    // A parent folder may be pruned as empty between its creation and the rename, by a neighbour's recovery or destruction.
    // Each time takes another neighbour that goes in this very moment.
    private const int PlaceAttempts = 10;

    private const int OwnPrefixLength = 34;
    private const int StagingNameMaxLength = 100;

    public IDurableFolder Folder { get; } = folder;

    public string Root { get; } = rootPath;

    public string Staging { get; } = stagingPath;

    public string ObjectPath(string objectId) => Below(Root, HashedNTupleLayout.Default.PathOf(objectId));

    public string StagingPath(string stagingName)
    {
        bool valid = stagingName.Length is > 0 and <= StagingNameMaxLength
            && stagingName[0] != OwnPrefix
            && stagingName.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
        return valid
            ? $"{Staging}/{stagingName}"
            : throw new ArgumentException("A staging name is 1 to 100 of [A-Za-z0-9._-] and does not begin with a dot.", nameof(stagingName));
    }

    /// <summary>A place of the archive's own, for work on a scan that goes with it.</summary>
    public string NewOwnPath(string stagingName) => $"{Staging}/{OwnPrefix}{Guid.NewGuid():N}-{stagingName}";

    /// <summary>A place of the archive's own, for the files of a new storage root.</summary>
    public string NewPathForRoot() => $"{Staging}/{OwnPrefix}root-{Guid.NewGuid():N}";

    /// <summary>Where an object lies while it is deleted.</summary>
    public string DestroyedPath(string objectId) => $"{Staging}/{DestroyedPrefix}{Uri.EscapeDataString(objectId)}";

    /// <summary>The object that is deleted under this entry of staging; null for any other entry.</summary>
    public static string? DestroyedIdOf(string entryName) =>
        entryName.StartsWith(DestroyedPrefix, StringComparison.Ordinal) ? Uri.UnescapeDataString(entryName[DestroyedPrefix.Length..]) : null;

    /// <summary>The staging name that an entry in staging goes with; <c>""</c> for one that goes with none.</summary>
    public static string OwnerOf(string entryName) => entryName[0] != OwnPrefix ? entryName
        : DestroyedIdOf(entryName) is not null ? ""
        : entryName.Length > OwnPrefixLength && entryName[OwnPrefixLength - 1] == '-' ? entryName[OwnPrefixLength..]
        : "";

    /// <summary>The objects whose destruction was cut short, by their entries in staging.</summary>
    public IReadOnlyList<string> ListDestroyed() => [.. Folder.List(Staging).Select(entry => DestroyedIdOf(entry.Name)).OfType<string>()];

    /// <summary>Removes every entry of staging that goes with no open scan, and with no destruction.</summary>
    /// <returns>Entries removed.</returns>
    public int SweepStaging(Func<string, bool> isOpen)
    {
        var closed = Folder.List(Staging).Select(entry => entry.Name).Where(name => DestroyedIdOf(name) is null && !isOpen(OwnerOf(name))).ToList();
        closed.ForEach(name => Folder.DeleteTree($"{Staging}/{name}"));
        return closed.Count;
    }

    /// <summary>Renames to a place in the hierarchy, whose folders are made as needed.</summary>
    /// <remarks>
    /// The other side of <see cref="PruneEmptyParents"/>. Both sides are single steps of the file system: a folder is removed only while it is empty, and
    /// a rename into a removed folder fails. So the rename wins, or finds its folders gone, and makes them once more.
    /// </remarks>
    /// <exception cref="NameTakenException">Something is there. Nothing changed.</exception>
    /// <exception cref="EntryNotFoundException">Nothing is at <paramref name="from"/>. Empty folders may be left.</exception>
    public void MoveBelowParents(string from, string to)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                Folder.CreateFolder(ParentOf(to));
                Folder.Move(from, to);
                return;
            }
            catch (EntryNotFoundException) when (attempt < PlaceAttempts && Folder.Find(from) is not null)
            {
                // Pruned while they were made, or before the rename: make the parents again.
            }
        }
    }

    /// <summary>Removes the folders above a path, from the bottom up, as far as they are empty (OCFL E073) and below the root.</summary>
    public void PruneEmptyParents(string objectPath)
    {
        string parent = ParentOf(objectPath);
        while (parent.Length > Root.Length && (Folder.DeleteEmptyFolder(parent) || Folder.Find(parent) is null))
        {
            parent = ParentOf(parent);
        }
    }

    /// <summary>A path below another, which is empty where that is the top.</summary>
    public static string Below(string parent, string path) => parent.Length == 0 ? path : $"{parent}/{path}";

    public static string ParentOf(string path) => path[..Math.Max(path.LastIndexOf('/'), 0)];
}
