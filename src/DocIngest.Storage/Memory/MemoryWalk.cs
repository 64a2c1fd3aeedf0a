namespace DocIngest.Storage;

/// <summary>Finds inodes by path as the kernel does: links refused on the way, names of up to 255 bytes.</summary>
internal readonly struct MemoryWalk(MemoryImage image)
{
    private const int LongestNameBytes = 255;

    /// <summary>The inode, or null where the name or a folder on the way is missing.</summary>
    /// <exception cref="RefusedEntryException">A link stands in the path.</exception>
    internal Inode? Find(EntryPath path) =>
        Find(path, out bool isBehindLink) is var found && isBehindLink
            ? throw new RefusedEntryException("A link stands in the path.")
            : found;

    internal Inode? Find(EntryPath path, out bool isBehindLink)
    {
        isBehindLink = false;
        var at = image.Root;
        string[] elements = path.Elements;
        for (int i = 0; i < elements.Length; i++)
        {
            if (RawName.ToBytes(elements[i]).Length > LongestNameBytes)
                throw new NameNotAllowedException("A name is longer than 255 bytes.");
            if (!at.Children.TryGetValue(elements[i], out var inner))
                return null;
            isBehindLink = inner.Kind is EntryKind.Link && i < elements.Length - 1;
            if (isBehindLink)
                return null;
            at = inner;
        }

        return at;
    }

    /// <exception cref="EntryNotFoundException">No folder there.</exception>
    internal Inode Folder(EntryPath path) => Find(path) switch
    {
        { Kind: EntryKind.Folder } folder => folder,
        { Kind: EntryKind.Link } => throw new RefusedEntryException("A link stands in the path."),
        _ => throw new EntryNotFoundException("No such folder."),
    };

    /// <exception cref="EntryNotFoundException">Nothing there.</exception>
    /// <exception cref="RefusedEntryException">No regular file.</exception>
    internal Inode File(EntryPath path) => Find(path) switch
    {
        null => throw new EntryNotFoundException("No such file."),
        { Kind: EntryKind.File } file => file,
        _ => throw new RefusedEntryException("The entry is no regular file."),
    };
}
