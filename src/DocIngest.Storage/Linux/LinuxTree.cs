using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using static DocIngest.Storage.Linux.LibC;

namespace DocIngest.Storage.Linux;

/// <summary>The entries below a folder, by bytes and by open parent folder, so that no link is ever followed.</summary>
/// <remarks>
/// The folder itself is opened anew for each operation: a share that was unmounted, or mounted over, is seen at once.
/// Each change asks for its volume before it is made, so that the flusher's handle is older than the change.
/// </remarks>
internal sealed class LinuxTree(string root, ChangedVolumes volumes, EntryPermissions permissions) : ILocalTree
{
    private const int NamesAtOnce = 1024; // what DeleteTree holds in memory of a folder

    private static readonly byte[] Itself = [0];
    private readonly byte[] _root = Terminated(root);

    // Less the umask: 0666 and 0777, or the owner's share of them. What creates a file may write it whatever its mode says.
    private readonly uint _fileMode = permissions switch { EntryPermissions.Sealed => 0x100, EntryPermissions.Private => 0x180, _ => 0x1b6 };
    private readonly uint _folderMode = permissions is EntryPermissions.Default ? 0x1ffu : 0x1c0;

    public void TouchRoot()
    {
        using var folder = OpenFolder(EntryPath.Parse(""), "open it");
        _ = VolumeOf(folder);
    }

    public FolderEntry? Find(EntryPath path)
    {
        using var folder = PathWalk.Open(OpenRoot(), path.Parent, out int error);
        if (!folder.IsInvalid)
            return path.IsRoot ? Describe(folder, "", Itself) : Describe(folder, path.Name, Terminated(path.Name));
        return error is Errno.ENOENT or Errno.ENOTDIR ? null : throw Failure(error, "look up an entry");
    }

    public IEnumerable<FolderEntry> List(EntryPath path)
    {
        using var folder = OpenFolder(path, "list a folder");
        using var names = ReadNames(folder);
        while (names.Next() is { } name)
        {
            if (Describe(folder, RawName.FromBytes(name.AsSpan(0, name.Length - 1)), name) is { } entry)
                yield return entry;
        }
    }

    public SafeFileHandle OpenRead(EntryPath path)
    {
        const string Operation = "open a file for reading";
        using var parent = OpenParent(path, Operation);
        return OpenRegular(parent, path, ReadOnly, Operation);
    }

    /// <inheritdoc />
    /// <remarks>
    /// A read lease is granted only while nobody on this machine has the file open for writing, to its owner and to root. It is given
    /// back at once. SIGURG, which is ignored by default, instead of SIGIO, which kills: a writer that comes in between breaks the lease.
    /// </remarks>
    public WriterProbe ProbeWriter(EntryPath path)
    {
        using var parent = PathWalk.Open(OpenRoot(), path.Parent, out _);
        if (parent.IsInvalid || Describe(parent, path.Name, Terminated(path.Name)) is not { Kind: EntryKind.File })
            return WriterProbe.Unknown;
        using var file = OpenAt(parent, Terminated(path.Name), ReadOnly | NoFollow | NonBlocking | CloseOnExec, 0);
        if (file.IsInvalid || Control(file, SetSignal, SignalUrgent) != 0)
            return WriterProbe.Unknown;
        if (Control(file, SetLease, ReadLease) != 0)
            return LinuxError.Last == Errno.EAGAIN ? WriterProbe.Writer : WriterProbe.Unknown;
        _ = Control(file, SetLease, NoLease);
        return WriterProbe.NoWriter;
    }

    public OpenedFile Create(EntryPath path)
    {
        const string Operation = "create a file";
        using var parent = OpenParent(path, Operation);
        var volume = VolumeOf(parent);
        var file = OpenAt(parent, Terminated(path.Name), WriteOnly | CreateNew | NoFollow | CloseOnExec, _fileMode);
        return file.IsInvalid ? throw Failure(LinuxError.Last, Operation) : Opened(file, parent, volume);
    }

    public OpenedFile OpenAppend(EntryPath path)
    {
        const string Operation = "open a file for appending";
        using var parent = OpenParent(path, Operation);
        var volume = VolumeOf(parent);
        return Opened(OpenRegular(parent, path, WriteOnly | Creating | Append, Operation), parent, volume);
    }

    public void Truncate(EntryPath path, long sizeBytes)
    {
        const string Operation = "cut a file";
        using var parent = OpenParent(path, Operation);
        var volume = VolumeOf(parent);
        using var file = OpenRegular(parent, path, WriteOnly, Operation);
        if (RandomAccess.GetLength(file) <= sizeBytes)
            return;

        volume.Sync.FileOpened(file);
        int result = LibC.Truncate(file, sizeBytes);
        int error = LinuxError.Last;
        volume.Sync.FileClosing(file);
        if (result != 0)
            throw Failure(error, Operation);
    }

    public void CreateFolder(EntryPath path)
    {
        const string Operation = "create a folder";
        var folder = OpenRoot();
        try
        {
            foreach (string element in path.Elements)
            {
                var inner = CreateAndEnter(folder, Terminated(element), Operation);
                folder.Dispose();
                folder = inner;
            }
        }
        finally
        {
            folder.Dispose();
        }
    }

    public void Move(EntryPath from, EntryPath to)
    {
        const string Operation = "move an entry";
        using var fromParent = OpenParent(from, Operation);
        using var toParent = OpenParent(to, Operation);
        var volume = VolumeOf(fromParent);
        var (fromName, toName) = (Terminated(from.Name), Terminated(to.Name));
        if (RenameAt2(fromParent, fromName, toParent, toName, NoReplace) != 0)
        {
            int error = LinuxError.Last;
            if (error is not (Errno.EINVAL or Errno.ENOSYS))
                throw Failure(error, Operation);
            MoveWithoutKernelsHelp(fromParent, fromName, toParent, toName);
        }

        Changed(volume, fromParent);
        Changed(volume, toParent);
    }

    public void Replace(EntryPath from, EntryPath to)
    {
        const string Operation = "replace a file";
        using var fromParent = OpenParent(from, Operation);
        using var toParent = OpenParent(to, Operation);
        var volume = VolumeOf(fromParent);
        var (fromName, toName) = (Terminated(from.Name), Terminated(to.Name));
        var source = Describe(fromParent, "", fromName) ?? throw Failure(Errno.ENOENT, Operation);
        var target = Describe(toParent, "", toName);
        if (source.Kind is EntryKind.Folder || target?.Kind is EntryKind.Folder)
            throw Failure(Errno.EISDIR, Operation);
        if (RenameAt(fromParent, fromName, toParent, toName) != 0)
            throw Failure(LinuxError.Last, Operation);

        // rename(2) does nothing where both are names of one file, and leaves the old name.
        if (source.Stamp.FileId == target?.Stamp.FileId && from.Text != to.Text)
            _ = UnlinkAt(fromParent, fromName, 0);
        Changed(volume, fromParent);
        Changed(volume, toParent);
    }

    public void Delete(EntryPath path)
    {
        const string Operation = "delete a file";
        using var parent = PathWalk.Open(OpenRoot(), path.Parent, out int error);
        if (parent.IsInvalid)
        {
            ThrowUnlessAbsent(error, Operation);
            return;
        }

        var volume = VolumeOf(parent);
        if (UnlinkAt(parent, Terminated(path.Name), 0) == 0)
            Changed(volume, parent);
        else
            ThrowUnlessAbsent(LinuxError.Last, Operation);
    }

    public bool DeleteEmptyFolder(EntryPath path)
    {
        const string Operation = "delete an empty folder";
        using var parent = PathWalk.Open(OpenRoot(), path.Parent, out int error);
        if (parent.IsInvalid)
        {
            ThrowUnlessAbsent(error, Operation);
            return false;
        }

        var volume = VolumeOf(parent);
        if (UnlinkAt(parent, Terminated(path.Name), RemoveFolder) == 0)
        {
            Changed(volume, parent);
            return true;
        }

        return LinuxError.Last switch
        {
            Errno.ENOENT or Errno.ENOTEMPTY or Errno.EEXIST => false,
            Errno.ENOTDIR => throw new RefusedEntryException($"{root}: cannot {Operation}: it is no folder."),
            int other => throw Failure(other, Operation),
        };
    }

    public void DeleteTree(EntryPath path)
    {
        const string Operation = "delete a folder with all it holds";
        using var parent = PathWalk.Open(OpenRoot(), path.Parent, out int error);
        if (parent.IsInvalid)
            ThrowUnlessAbsent(error, Operation);
        else
            DeleteAll(parent, Terminated(path.Name), Operation);
    }

    public long FreeBytes()
    {
        const string Operation = "ask for free space";
        using var folder = OpenFolder(EntryPath.Parse(""), Operation);
        return StatFileSystem(folder, out var found) == 0
            ? checked((long)found.AvailableBlocks * found.FragmentSize)
            : throw Failure(LinuxError.Last, Operation);
    }

    internal static byte[] Terminated(string path) => [.. RawName.ToBytes(path), 0];

    private SafeFileHandle OpenRoot()
    {
        var folder = Open(_root, ReadOnly | Folder | CloseOnExec, 0);
        if (!folder.IsInvalid)
            return folder;
        string reason = System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(LinuxError.Last);
        throw new StorageUnavailableException($"{root}: cannot open the folder: {reason}.");
    }

    private SafeFileHandle OpenFolder(EntryPath path, string operation)
    {
        var folder = PathWalk.Open(OpenRoot(), path, out int error);
        return folder.IsInvalid ? throw Failure(error, operation) : folder;
    }

    private SafeFileHandle OpenParent(EntryPath path, string operation) => OpenFolder(path.Parent, operation);

    /// <summary>Opens a file after looking at it: opening a device can already do something, opening a FIFO can wait.</summary>
    private SafeFileHandle OpenRegular(SafeFileHandle parent, EntryPath path, int access, string operation)
    {
        var name = Terminated(path.Name);
        var entry = Describe(parent, "", name);
        if (entry is null && (access & Creating) == 0)
            throw Failure(Errno.ENOENT, operation);
        if (entry is { Kind: not EntryKind.File })
            throw Refused(operation);

        var file = OpenAt(parent, name, access | NoFollow | NonBlocking | NoControllingTerminal | CloseOnExec, _fileMode);
        if (file.IsInvalid)
            throw Failure(LinuxError.Last, operation);

        // Again, on what was opened: the name may have been given to something else in between.
        if (Describe(file, "", Itself) is { Kind: EntryKind.File })
            return file;
        file.Dispose();
        throw Refused(operation);
    }

    private FolderEntry? Describe(SafeFileHandle folder, string shownName, byte[] name)
    {
        int flags = name.Length == 1 ? EmptyPath : NoFollowAt;
        if (StatX(folder, name, flags, LinuxStamp.Wanted, out var found) == 0)
            return LinuxStamp.Entry(shownName, found);
        return LinuxError.Last is Errno.ENOENT or Errno.ENOTDIR ? null : throw Failure(LinuxError.Last, "look up an entry");
    }

    private FolderNames ReadNames(SafeFileHandle folder)
    {
        const string Operation = "list a folder";
        var own = OpenAt(folder, ".\0"u8.ToArray(), ReadOnly | Folder | CloseOnExec, 0);
        return own.IsInvalid ? throw Failure(LinuxError.Last, Operation) : new FolderNames(own, error => Failure(error, Operation));
    }

    private LocalVolume VolumeOf(SafeFileHandle folder) => volumes.Before(LinuxStamp.VolumeOf(Stat(folder)), folder);

    private StatX Stat(SafeFileHandle folder) =>
        StatX(folder, Itself, EmptyPath, LinuxStamp.Wanted, out var found) == 0
            ? found
            : throw Failure(LinuxError.Last, "look up a folder");

    private OpenedFile Opened(SafeFileHandle file, SafeFileHandle parent, LocalVolume volume)
    {
        volume.Sync.FileOpened(file);
        Changed(volume, parent);
        return new OpenedFile(file, volume);
    }

    private void Changed(LocalVolume volume, SafeFileHandle folder)
    {
        if (volume.Sync.TracksFolders)
            volume.Sync.FolderChanged(new FolderId(Stat(folder).Inode), () => LocalSystem.OfThisMachine.Duplicate(folder));
    }

    private SafeFileHandle CreateAndEnter(SafeFileHandle folder, byte[] name, string operation)
    {
        var volume = VolumeOf(folder);
        if (MakeFolderAt(folder, name, _folderMode) == 0)
            Changed(volume, folder);
        else if (LinuxError.Last != Errno.EEXIST)
            throw Failure(LinuxError.Last, operation);

        var inner = OpenAt(folder, name, ReadOnly | Folder | NoFollow | CloseOnExec, 0);
        if (!inner.IsInvalid)
            return inner;
        int error = LinuxError.Last;
        throw Failure(error is Errno.ENOTDIR or Errno.ELOOP ? Errno.EEXIST : error, operation);
    }

    /// <summary>For file systems that cannot rename without replacing (NFS, some FUSE).</summary>
    /// <remarks>
    /// A file gets its new name before it loses the old one: a crash in between leaves both, never none. Where there are no hard links,
    /// and for folders, looking and renaming are two steps; then one writer per name is up to the caller.
    /// </remarks>
    private void MoveWithoutKernelsHelp(SafeFileHandle fromParent, byte[] from, SafeFileHandle toParent, byte[] to)
    {
        const string Operation = "move an entry";
        var source = Describe(fromParent, "", from) ?? throw Failure(Errno.ENOENT, Operation);
        if (source.Kind is not EntryKind.Folder)
        {
            if (LinkAt(fromParent, from, toParent, to, 0) == 0)
            {
                if (UnlinkAt(fromParent, from, 0) != 0)
                    throw Failure(LinuxError.Last, Operation);
                return;
            }

            if (LinuxError.Last is not (Errno.EPERM or Errno.EOPNOTSUPP or Errno.EMLINK or Errno.ENOSYS))
                throw Failure(LinuxError.Last, Operation);
        }

        if (Describe(toParent, "", to) is not null)
            throw Failure(Errno.EEXIST, Operation);
        if (RenameAt(fromParent, from, toParent, to) != 0)
            throw LinuxError.Last == Errno.EINVAL ? IntoItself() : Failure(LinuxError.Last, Operation);
    }

    private void DeleteAll(SafeFileHandle parent, byte[] name, string operation)
    {
        var volume = VolumeOf(parent);
        if (UnlinkAt(parent, name, 0) == 0)
        {
            Changed(volume, parent);
            return;
        }

        if (LinuxError.Last == Errno.ENOENT)
            return;
        if (LinuxError.Last != Errno.EISDIR)
            throw Failure(LinuxError.Last, operation);
        DeleteContent(parent, name, operation);
        if (UnlinkAt(parent, name, RemoveFolder) == 0)
            Changed(volume, parent);
        else
            ThrowUnlessAbsent(LinuxError.Last, operation);
    }

    private void DeleteContent(SafeFileHandle parent, byte[] name, string operation)
    {
        using var folder = OpenAt(parent, name, ReadOnly | Folder | NoFollow | CloseOnExec, 0);
        if (folder.IsInvalid)
        {
            ThrowUnlessAbsent(LinuxError.Last, operation);
            return;
        }

        // Read afresh after each share of deletions: a reader may skip names while others go.
        for (var inner = FirstNames(folder); inner.Count > 0; inner = FirstNames(folder))
        {
            foreach (byte[] one in inner)
                DeleteAll(folder, one, operation);
        }
    }

    private List<byte[]> FirstNames(SafeFileHandle folder)
    {
        using var names = ReadNames(folder);
        var first = new List<byte[]>();
        while (first.Count < NamesAtOnce && names.Next() is { } name)
            first.Add(name);
        return first;
    }

    private void ThrowUnlessAbsent(int error, string operation)
    {
        if (error is not (Errno.ENOENT or Errno.ENOTDIR))
            throw Failure(error, operation);
    }

    private Exception Failure(int errno, string operation)
    {
        Debug.Assert(errno != 0, "Asked for an error where there is none.");
        return LinuxError.From(errno, root, operation);
    }

    private RefusedEntryException Refused(string operation) =>
        new($"{root}: cannot {operation}: it is a link, device, FIFO, socket or folder.");

    private static ArgumentException IntoItself() => new("A folder cannot be moved into itself.");
}
