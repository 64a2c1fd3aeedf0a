namespace DocIngest.Storage;

/// <summary>One state of a file system: inodes by number, each with at most one name. Applies changes even where earlier ones are missing.</summary>
internal sealed class MemoryImage
{
    internal const long RootNumber = 1;

    private readonly Dictionary<long, Inode> _inodes = new() { [RootNumber] = new Inode(RootNumber, EntryKind.Folder) };

    internal Inode Root => _inodes[RootNumber];

    internal Inode? TryGet(long number) => _inodes.GetValueOrDefault(number);

    /// <summary>The inode, made empty and nameless if this image has not heard of it: its creation was lost, a later change was not.</summary>
    internal Inode Get(long number, EntryKind kind)
    {
        if (!_inodes.TryGetValue(number, out var inode))
            _inodes.Add(number, inode = new Inode(number, kind));
        return inode;
    }

    /// <summary>Gives an inode its only name, taking it from where it was and from who had it.</summary>
    internal void Name(Inode inode, long parentNumber, string name)
    {
        var parent = Get(parentNumber, EntryKind.Folder);

        // No file system ever puts a folder into itself, in whatever order it carries renames.
        if (IsWithin(parent, inode))
            return;
        Unname(inode);
        if (parent.Children.TryGetValue(name, out var former))
            former.Parent = null;
        parent.Children[name] = inode;
        inode.Parent = parent;
        inode.Name = name;
    }

    internal static void Unname(Inode inode)
    {
        inode.Parent?.Children.Remove(inode.Name);
        inode.Parent = null;
    }

    /// <summary>A copy of what can be reached from the root.</summary>
    internal MemoryImage Copy()
    {
        var copy = new MemoryImage();
        CopyChildren(Root, copy);
        return copy;
    }

    private static void CopyChildren(Inode from, MemoryImage copy)
    {
        foreach (var (name, child) in from.Children)
        {
            var made = copy.Get(child.Number, child.Kind);
            made.Content = child.Content;
            made.WriteTime = child.WriteTime;
            copy.Name(made, from.Number, name);
            CopyChildren(child, copy);
        }
    }

    private static bool IsWithin(Inode? place, Inode inode)
    {
        for (; place is not null; place = place.Parent)
        {
            if (place == inode)
                return true;
        }

        return false;
    }
}

/// <summary>A file, folder, link or special entry, whatever its name.</summary>
internal sealed class Inode(long number, EntryKind kind)
{
    internal long Number { get; } = number;

    internal EntryKind Kind { get; } = kind;

    internal Dictionary<string, Inode> Children { get; } = [];

    internal Inode? Parent { get; set; }

    internal string Name { get; set; } = "";

    internal MemoryBytes Content { get; set; } = MemoryBytes.Empty;

    internal long WriteTime { get; set; }

    /// <summary>Streams open for writing; meaningful in the image callers see.</summary>
    internal int Writers { get; set; }
}
