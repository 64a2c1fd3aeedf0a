using Microsoft.Win32.SafeHandles;
using static DocIngest.Storage.Windows.Kernel32;

namespace DocIngest.Storage.Windows;

/// <summary>The entries below a folder on Windows: written through, renamed through, reparse points never entered.</summary>
/// <remarks>
/// <para>Compiles everywhere; its behaviour is checked by the contract suite on Windows only.</para>
/// <para>Windows has no openat: the folders of a path are looked at before the last element is opened, so who may create reparse points in
/// the folder while we work can still lead us astray. The drop folder's access list must not allow that.</para>
/// </remarks>
internal sealed class WindowsTree(string root, ChangedVolumes volumes) : ILocalTree
{
    private const long UnixEpochFileTime = 116_444_736_000_000_000;

    private readonly string _root = WindowsPath.Extended(root);

    public void TouchRoot() => _ = VolumeOf(EntryPath.Parse(""), "open it");

    public FolderEntry? Find(EntryPath path)
    {
        const string Operation = "look up an entry";
        string full = Checked(path, Operation);
        using var entry = CreateFile(full, ReadAttributes, ShareAll, 0, OpenExisting, OpenReparsePoint | BackupSemantics, 0);
        if (!entry.IsInvalid)
            return Describe(entry, path.Name, Operation);
        return WindowsError.IsAbsent(WindowsError.Last) && !path.IsRoot ? null : throw Failure(WindowsError.Last, Operation);
    }

    public IEnumerable<FolderEntry> List(EntryPath path)
    {
        const string Operation = "list a folder";
        if (Find(path) is not { Kind: EntryKind.Folder } && !path.IsRoot)
            throw Failure(WindowsError.PathNotFound, Operation);
        using var names = Names(Checked(path, Operation)).GetEnumerator();
        while (Next(names, Operation) is { } name)
        {
            if (FindListed(EntryPath.Parse(path.IsRoot ? name : $"{path.Text}/{name}")) is { } entry)
                yield return entry;
        }
    }

    // Other systems put names on a volume that Windows lists and opens for nobody.
    private FolderEntry? FindListed(EntryPath path)
    {
        try
        {
            return Find(path);
        }
        catch (NameNotAllowedException)
        {
            return new FolderEntry(path.Name, EntryKind.Special, default, 1);
        }
    }

    public SafeFileHandle OpenRead(EntryPath path) =>
        OpenRegular(path, GenericRead, ShareAll, OpenExisting, 0, "open a file for reading");

    public WriterProbe ProbeWriter(EntryPath path)
    {
        if (Find(path) is not { Kind: EntryKind.File })
            return WriterProbe.Unknown;
        using var file = CreateFile(
            WindowsPath.Below(_root, path), GenericRead, ShareRead, 0, OpenExisting, OpenReparsePoint, 0);
        if (!file.IsInvalid)
            return WriterProbe.NoWriter;
        return WindowsError.Last == WindowsError.SharingViolation ? WriterProbe.Writer : WriterProbe.Unknown;
    }

    public OpenedFile Create(EntryPath path)
    {
        const string Operation = "create a file";
        var volume = VolumeOf(path.Parent, Operation);
        var file = CreateFile(Checked(path, Operation), GenericWrite, ShareRead, 0, CreateNew, WriteThrough, 0);
        return file.IsInvalid ? throw Failure(WindowsError.Last, Operation) : Opened(file, path, volume);
    }

    public OpenedFile OpenAppend(EntryPath path)
    {
        const string Operation = "open a file for appending";
        var volume = VolumeOf(path.Parent, Operation);
        var file = OpenRegular(path, AppendData | ReadAttributes | Synchronize, ShareAll, OpenAlways, WriteThrough, Operation);
        return Opened(file, path, volume);
    }

    public void Truncate(EntryPath path, long sizeBytes)
    {
        const string Operation = "cut a file";
        var volume = VolumeOf(path.Parent, Operation);
        using var file = OpenRegular(path, GenericRead | GenericWrite, ShareAll, OpenExisting, WriteThrough, Operation);
        if (RandomAccess.GetLength(file) <= sizeBytes)
            return;
        volume.Sync.FileOpened(file);
        try
        {
            RandomAccess.SetLength(file, sizeBytes);
        }
        finally
        {
            volume.Sync.FileClosing(file);
        }
    }

    public void CreateFolder(EntryPath path)
    {
        const string Operation = "create a folder";
        if (path.IsRoot)
        {
            TouchRoot();
            return;
        }

        if (Find(path) is { Kind: EntryKind.Folder })
            return;
        CreateFolder(path.Parent);
        var volume = VolumeOf(path.Parent, Operation);
        if (CreateDirectory(Checked(path, Operation), 0))
            Changed(volume, path.Parent);
        else if (WindowsError.Last != WindowsError.AlreadyExists || Find(path) is not { Kind: EntryKind.Folder })
            throw Failure(WindowsError.Last, Operation);
    }

    public void Move(EntryPath from, EntryPath to) => Rename(from, to, MoveWriteThrough, "move an entry");

    public void Replace(EntryPath from, EntryPath to)
    {
        const string Operation = "replace a file";
        if (Find(from) is { Kind: EntryKind.Folder } || Find(to) is { Kind: EntryKind.Folder })
            throw Refused(Operation);
        Rename(from, to, MoveWriteThrough | MoveReplaceExisting, Operation);
    }

    public void Delete(EntryPath path)
    {
        const string Operation = "delete a file";
        if (Find(path) is not { } entry)
            return;
        if (entry.Kind is EntryKind.Folder)
            throw Refused(Operation);

        // A link to a folder is itself a folder to Windows; removing it leaves its target alone.
        var volume = VolumeOf(path.Parent, Operation);
        string full = Checked(path, Operation);
        if (DeleteFile(full) || RemoveDirectory(full))
            Changed(volume, path.Parent);
        else if (!WindowsError.IsAbsent(WindowsError.Last))
            throw Failure(WindowsError.Last, Operation);
    }

    public bool DeleteEmptyFolder(EntryPath path)
    {
        const string Operation = "delete an empty folder";
        if (Find(path) is not { } entry)
            return false;
        if (entry.Kind is not EntryKind.Folder)
            throw Refused(Operation);
        var volume = VolumeOf(path.Parent, Operation);
        if (RemoveDirectory(Checked(path, Operation)))
        {
            Changed(volume, path.Parent);
            return true;
        }

        return WindowsError.Last == WindowsError.FolderNotEmpty || WindowsError.IsAbsent(WindowsError.Last)
            ? false
            : throw Failure(WindowsError.Last, Operation);
    }

    public void DeleteTree(EntryPath path)
    {
        if (Find(path) is { Kind: EntryKind.Folder })
        {
            foreach (var entry in List(path).ToList())
                DeleteTree(EntryPath.Parse($"{path.Text}/{entry.Name}"));
            _ = DeleteEmptyFolder(path);
        }
        else
        {
            Delete(path);
        }
    }

    public long FreeBytes() =>
        GetFreeSpace(_root + '\\', out ulong available, 0, 0) ? (long)available : throw Failure(WindowsError.Last, "ask for free space");

    /// <summary>The full path, after a look at every folder on the way.</summary>
    private string Checked(EntryPath path, string operation)
    {
        for (var folder = path; !folder.IsRoot && !folder.Parent.IsRoot; folder = folder.Parent)
        {
            uint attributes = GetAttributes(WindowsPath.Below(_root, folder.Parent));
            if (attributes != NoAttributes && ((FileAttributes)attributes).HasFlag(FileAttributes.ReparsePoint))
                throw Refused(operation);
        }

        return WindowsPath.Below(_root, path);
    }

    private SafeFileHandle OpenRegular(EntryPath path, uint access, uint share, uint disposition, uint flags, string operation)
    {
        if (Find(path) is { Kind: not EntryKind.File })
            throw Refused(operation);
        var file = CreateFile(Checked(path, operation), access, share, 0, disposition, flags | OpenReparsePoint, 0);
        if (file.IsInvalid)
            throw Failure(WindowsError.Last, operation);
        if (Describe(file, path.Name, operation).Kind is EntryKind.File)
            return file;
        file.Dispose();
        throw Refused(operation);
    }

    private void Rename(EntryPath from, EntryPath to, uint flags, string operation)
    {
        var volume = VolumeOf(from.Parent, operation);
        if (!MoveFile(Checked(from, operation), Checked(to, operation), flags))
            throw Failure(WindowsError.Last, operation);
        Changed(volume, from.Parent);
        Changed(volume, to.Parent);
    }

    private FolderEntry Describe(SafeFileHandle entry, string name, string operation)
    {
        if (!GetBasicInfo(entry, BasicInfoClass, out var basic, 40) ||
            !GetStandardInfo(entry, StandardInfoClass, out var standard, 24) ||
            !GetIdInfo(entry, IdInfoClass, out var id, 24))
            throw Failure(WindowsError.Last, operation);

        string fileId = $"{id.VolumeSerial:x}:{id.FileIdHigh:x}{id.FileIdLow:x16}:{basic.Creation:x}";
        long written = long.CreateSaturating(((Int128)basic.Write - UnixEpochFileTime) * 100);   // beyond 1677 to 2262 the nearest
        return new FolderEntry(name, KindOf((FileAttributes)basic.Attributes), new FileStamp(fileId, standard.Size, written), standard.LinkCount);
    }

    private static EntryKind KindOf(FileAttributes attributes) => attributes switch
    {
        _ when attributes.HasFlag(FileAttributes.ReparsePoint) => EntryKind.Link,
        _ when attributes.HasFlag(FileAttributes.Directory) => EntryKind.Folder,
        _ when attributes.HasFlag(FileAttributes.Device) => EntryKind.Special,
        _ => EntryKind.File,
    };

    private LocalVolume VolumeOf(EntryPath folder, string operation)
    {
        using var handle = CreateFile(
            Checked(folder, operation), ReadAttributes, ShareAll, 0, OpenExisting, BackupSemantics, 0);
        if (handle.IsInvalid)
            throw Failure(WindowsError.Last, operation);
        return GetIdInfo(handle, IdInfoClass, out var id, 24)
            ? volumes.Before(new VolumeId(id.VolumeSerial), handle)
            : throw Failure(WindowsError.Last, operation);
    }

    private OpenedFile Opened(SafeFileHandle file, EntryPath path, LocalVolume volume)
    {
        volume.Sync.FileOpened(file);
        Changed(volume, path.Parent);
        return new OpenedFile(file, volume);
    }

    private void Changed(LocalVolume volume, EntryPath folder)
    {
        using var handle = CreateFile(
            WindowsPath.Below(_root, folder), GenericWrite, ShareAll, 0, OpenExisting, BackupSemantics, 0);

        // Who may not write to the folder itself relies on the write-through of the change.
        if (!handle.IsInvalid && GetIdInfo(handle, IdInfoClass, out var id, 24))
            volume.Sync.FolderChanged(new FolderId(new UInt128(id.FileIdHigh, id.FileIdLow)), () => LocalSystem.OfThisMachine.Duplicate(handle));
    }

    private static IEnumerable<string> Names(string folder) =>
        Directory.EnumerateFileSystemEntries(folder, "*", new EnumerationOptions { AttributesToSkip = FileAttributes.None });

    private string? Next(IEnumerator<string> names, string operation)
    {
        try
        {
            return names.MoveNext() ? names.Current[(names.Current.LastIndexOf('\\') + 1)..] : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Failure(WindowsError.CodeOf(error), operation);
        }
    }

    private Exception Failure(int code, string operation) =>
        WindowsError.IsAbsent(code) && GetAttributes(WindowsPath.Below(_root, EntryPath.Parse(""))) == NoAttributes
            ? new StorageUnavailableException($"{root}: cannot {operation}: the folder is not there.")
            : WindowsError.From(code, root, operation);

    private RefusedEntryException Refused(string operation) =>
        new($"{root}: cannot {operation}: it is a link, device or folder, or a link stands in the path.");
}
