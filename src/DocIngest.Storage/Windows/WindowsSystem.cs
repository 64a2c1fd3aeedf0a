using Microsoft.Win32.SafeHandles;
using static DocIngest.Storage.Windows.Kernel32;

namespace DocIngest.Storage.Windows;

/// <summary>Folders, flushes and locks by Windows calls.</summary>
/// <remarks>Compiles everywhere; its behaviour is checked by the contract suite on Windows only.</remarks>
internal sealed class WindowsSystem : LocalSystem
{
    /// <summary>Flushing a volume handle needs an administrator and stalls everybody: files are written through instead.</summary>
    internal override bool CanGroup => false;

    internal override bool MayGroup(SafeFileHandle folder) => false;

    /// <inheritdoc />
    /// <remarks>Permissions come from the parent folder here, whatever is asked for.</remarks>
    internal override ILocalTree OpenTree(string absolutePath, ChangedVolumes volumes, EntryPermissions permissions) =>
        new WindowsTree(absolutePath, volumes);

    internal override SafeFileHandle Duplicate(SafeFileHandle handle) =>
        DuplicateHandle(CurrentProcess(), handle, CurrentProcess(), out var copy, 0, inherit: false, DuplicateSameAccess)
            ? copy
            : throw WindowsError.From(WindowsError.Last, "the volume", "keep a handle");

    internal override void FlushVolume(SafeFileHandle folder)
    {
        // What an earlier process left was written through by it; there is no call that could do more for the volume.
    }

    internal override void FlushToDisk(SafeFileHandle handle)
    {
        if (FlushBuffers(handle))
            return;

        // File systems without a flush for folders (FAT, shares) refuse it; their names went through with the write-through rename.
        int error = WindowsError.Last;
        if (error is not (WindowsError.InvalidFunction or WindowsError.AccessDenied) || !IsFolder(handle))
            throw WindowsError.From(error, "the volume", "flush a file or folder");
    }

    internal override Exception Translate(Exception error, string displayName, string operation) => error switch
    {
        StorageException => error,
        _ => WindowsError.From(WindowsError.CodeOf(error), displayName, operation),
    };

    /// <inheritdoc />
    /// <remarks>
    /// A handle that shares nothing is the lock: the system closes it when the process dies. Nobody can delete a file that is held so;
    /// a temporary one is deleted by the system when the handle is closed.
    /// </remarks>
    internal override SafeFileHandle? TryLock(string path, bool isTemporary)
    {
        string full = WindowsPath.Extended(path);
        var (access, flags) = isTemporary
            ? (GenericRead | GenericWrite | DeleteAccess, OpenReparsePoint | DeleteOnClose)
            : (GenericRead | GenericWrite, OpenReparsePoint);
        var file = CreateFile(full, access, ShareNothing, 0, OpenAlways, flags, 0);
        if (!file.IsInvalid)
            return file;

        int error = WindowsError.Last;
        return error == WindowsError.SharingViolation || IsBeingDeleted(full, error)
            ? null
            : throw WindowsError.From(error, path, "open the lock file");
    }

    internal override void Unlock(SafeFileHandle locked, string path, bool isTemporary) => locked.Dispose();

    // Between the deletion and the closing of the last handle the name can neither be opened nor described.
    private static bool IsBeingDeleted(string path, int error) =>
        error == WindowsError.AccessDenied && GetAttributes(path) == NoAttributes;

    private static bool IsFolder(SafeFileHandle handle) =>
        GetStandardInfo(handle, StandardInfoClass, out var info, 24) && info.IsFolder != 0;
}
