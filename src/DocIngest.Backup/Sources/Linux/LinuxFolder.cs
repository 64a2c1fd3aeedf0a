using DocIngest.Backup.Trees;
using DocIngest.Storage;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Backup.Sources.Linux;

/// <summary>An open folder by its handle. Names are bytes, times have nanoseconds, links are never followed.</summary>
/// <param name="folder">Taken over. May be one that only serves to go on from it.</param>
internal sealed class LinuxFolder(SafeFileHandle folder) : LocalFolder
{
    public override void Dispose() => folder.Dispose();

    internal override IEnumerable<SourceEntry> List(CancellationToken cancellation)
    {
        foreach (byte[] name in FolderNames.Read(OpenToList()))
        {
            cancellation.ThrowIfCancellationRequested();
            if (Describe(new FileName(name.AsSpan(0, name.Length - 1)), name) is { Node: not { Type: NodeType.Socket } } entry)
                yield return entry;
        }
    }

    internal override SourceEntry? Describe(FileName name) => Describe(name, Terminated(name));

    internal override SourceEntry DescribePassage(FileName name)
    {
        using var passage = TryOpen(Terminated(name), LibC.PathOnly | LibC.Folder);
        if (passage.IsInvalid)
        {
            int error = LinuxError.Last;
            var kind = error is Errno.ENOENT or Errno.ENOTDIR ? SourceProblemKind.Missing : SourceProblemKind.Unreadable;
            return new SourceEntry(name, null, LinuxError.Problem(kind, error, "reach what was to be backed up"));
        }

        return LibC.StatX(passage, "\0"u8, LibC.EmptyPathAt, StatX.Basic, out var found) == 0
            ? WithAttributes(LinuxNodes.Of(name, found), new AttributeReader(passage, ".\0"u8))
            : Unreadable(name);
    }

    internal override LocalFolder OpenFolder(FileName name) =>
        new LinuxFolder(Open(Terminated(name), LibC.ReadOnly | LibC.Folder | LibC.NoFollow, "open a folder"));

    internal override LocalFolder OpenPassage(FileName name) =>
        new LinuxFolder(Open(Terminated(name), LibC.PathOnly | LibC.Folder, "reach what was to be backed up"));

    /// <inheritdoc />
    /// <remarks>
    /// The entry is looked at before, since opening a device can already do something, and after, since the name may have been given to
    /// something else in between. Not waiting: a FIFO that nobody writes to would hold us up for ever.
    /// </remarks>
    internal override SourceFile OpenFile(Node file)
    {
        const string Operation = "open a file";
        byte[] name = Terminated(file.Name);
        if (LibC.StatX(folder, name, LibC.NoFollowAt | LibC.NoAutomountAt, StatX.Basic, out var before) != 0)
            throw LinuxError.From(LinuxError.Last, Operation);
        if (LinuxNodes.TypeOf(before) is not NodeType.File)
            throw NotRegular();

        var opened = Open(name, LibC.ReadOnly | LibC.NoFollow | LibC.NonBlocking | LibC.NoControllingTerminal, Operation);
        try
        {
            if (LibC.StatX(opened, "\0"u8, LibC.EmptyPathAt, StatX.Basic, out var found) != 0)
                throw LinuxError.From(LinuxError.Last, Operation);
            if (LinuxNodes.TypeOf(found) is not NodeType.File)
                throw NotRegular();
            return new SourceFile(Fresh(file, found, opened), new SourceFileStream(opened, static error => new StorageUnavailableException("Cannot read a file.", error)));
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>What is true of the open file: as listed, unless something changed since.</summary>
    private static Node Fresh(Node listed, in StatX found, SafeFileHandle opened)
    {
        var node = LinuxNodes.Of(listed.Name, found);
        bool isUnchanged = node.Inode == listed.Inode && node.DeviceId == listed.DeviceId && node.Changed == listed.Changed;

        // Any change of the attributes changes the ctime. Ones that cannot be read were told of with the listing.
        return isUnchanged ? listed with { SizeBytes = node.SizeBytes } : node with { ExtendedAttributes = new AttributeReader(opened).Read(out _) };
    }

    private SourceEntry? Describe(FileName name, byte[] terminated)
    {
        if (LibC.StatX(folder, terminated, LibC.NoFollowAt | LibC.NoAutomountAt, StatX.Basic, out var found) != 0)
            return LinuxError.Last == Errno.ENOENT ? null : Unreadable(name);
        var node = LinuxNodes.Of(name, found);
        switch (node.Type)
        {
            case NodeType.Unknown:
                return new SourceEntry(name, null, new SourceProblem(SourceProblemKind.Unsupported, "It is neither file, folder, link, device nor FIFO."));
            case NodeType.Socket:
                return new SourceEntry(name, node);
            case NodeType.Symlink when LinkTargets.Read(folder, terminated) is { } target:
                node = node with { LinkTarget = target };
                break;
            case NodeType.Symlink:
                return LinuxError.Last == Errno.ENOENT ? null : Unreadable(name);
            default:
                break;
        }

        var entry = WithAttributes(node, new AttributeReader(folder, terminated));
        bool hasVanished = entry.Problem is not null && LibC.StatX(folder, terminated, LibC.NoFollowAt | LibC.NoAutomountAt, StatX.Basic, out _) != 0
            && LinuxError.Last == Errno.ENOENT;
        return hasVanished ? null : entry;
    }

    private static SourceEntry WithAttributes(Node node, AttributeReader attributes)
    {
        node = node with { ExtendedAttributes = attributes.Read(out int error) };
        var problem = error == 0 ? null : LinuxError.Problem(SourceProblemKind.IncompleteMetadata, error, "read extended attributes");
        return new SourceEntry(node.Name, node, problem);
    }

    /// <summary>Opens the folder once more, since reading names moves a position within it.</summary>
    private SafeFileHandle OpenToList()
    {
        int flags = LibC.ReadOnly | LibC.Folder;
        var again = TryOpen(".\0"u8, flags);

        // Who may list a folder but not enter it may not open "." either, only what its handle stands for.
        if (again.IsInvalid && LinuxError.Last == Errno.EACCES)
            again = TryOpen(System.Text.Encoding.ASCII.GetBytes($"/proc/self/fd/{folder.DangerousGetHandle()}\0"), flags);
        return again.IsInvalid ? throw LinuxError.From(LinuxError.Last, "list a folder") : again;
    }

    private SafeFileHandle Open(ReadOnlySpan<byte> name, int flags, string operation)
    {
        var opened = TryOpen(name, flags);
        return opened.IsInvalid ? throw LinuxError.From(LinuxError.Last, operation) : opened;
    }

    /// <summary>Opens so that reading changes no times, where we may ask for that: only owners may.</summary>
    private SafeFileHandle TryOpen(ReadOnlySpan<byte> name, int flags)
    {
        flags |= LibC.CloseOnExec;
        if ((flags & LibC.PathOnly) != 0)
            return LibC.OpenAt(folder, name, flags);
        var opened = LibC.OpenAt(folder, name, flags | LibC.NoAccessTime);
        return opened.IsInvalid && LinuxError.Last == Errno.EPERM ? LibC.OpenAt(folder, name, flags) : opened;
    }

    private static SourceEntry Unreadable(FileName name) =>
        new(name, null, LinuxError.Problem(SourceProblemKind.Unreadable, LinuxError.Last, "look at it"));

    private static Storage.RefusedEntryException NotRegular() => new("Cannot open a file: it is no regular file any more.");

    private static byte[] Terminated(FileName name) => [.. name.Bytes, 0];
}
