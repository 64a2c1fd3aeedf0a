using Microsoft.Win32.SafeHandles;
using static DocIngest.Storage.Linux.LibC;

namespace DocIngest.Storage.Linux;

/// <summary>Folders, flushes and locks by Linux system calls.</summary>
internal sealed class LinuxSystem : LocalSystem
{
    /// <summary>Before 5.8 <c>syncfs</c> succeeds although written-back data was lost.</summary>
    private static readonly Version SyncFsReportsErrors = new(5, 8);

    internal override bool CanGroup => true;

    internal override bool MayGroup(SafeFileHandle folder) =>
        StatFileSystem(folder, out var found) == 0 && MayGroup(found.Type, Environment.OSVersion.Version);

    internal override ILocalTree OpenTree(string absolutePath, ChangedVolumes volumes, EntryPermissions permissions) =>
        new LinuxTree(absolutePath, volumes, permissions);

    internal override SafeFileHandle Duplicate(SafeFileHandle handle)
    {
        int copy = Control(handle, DuplicateCloseOnExec, 0);
        return copy >= 0
            ? new SafeFileHandle(copy, ownsHandle: true)
            : throw LinuxError.From(LinuxError.Last, "the volume", "keep a handle");
    }

    internal override void FlushVolume(SafeFileHandle folder) => Check(SyncFileSystem(folder), "flush it");

    internal override void FlushToDisk(SafeFileHandle handle) => Check(Sync(handle), "flush a file or folder");

    internal override int WriteAround(SafeFileHandle file, ReadOnlySpan<byte> block, long offset) => DirectWrite.Write(file, block, offset);

    internal override Exception Translate(Exception error, string displayName, string operation) => error switch
    {
        StorageException => error,
        UnauthorizedAccessException => LinuxError.From(Errno.EACCES, displayName, operation),

        // The framework passes the error number on as it is.
        _ => LinuxError.From(error.HResult, displayName, operation),
    };

    /// <inheritdoc />
    /// <remarks>
    /// flock(2) belongs to the open file, not to the process: it keeps two holders within one process apart as well. Asked for
    /// reading and writing, since NFS grants an exclusive lock only on a file open for writing; for reading only where another user made it.
    /// </remarks>
    internal override SafeFileHandle? TryLock(string path, bool isTemporary)
    {
        while (true)
        {
            var file = OpenLockFile(path);
            if (Lock(file, LockExclusive | LockNonBlocking) != 0)
            {
                int error = LinuxError.Last;
                file.Dispose();
                return error == Errno.EAGAIN ? null : throw LinuxError.From(error, path, "lock the file");
            }

            if (!IsDeleted(file))
                return file;
            file.Dispose();   // its holder deleted it after we had opened it: the lock that counts is on its successor
        }
    }

    internal override void Unlock(SafeFileHandle locked, string path, bool isTemporary)
    {
        // While it is held: a name that stays, where permission is missing, harms nobody.
        if (isTemporary)
            _ = UnlinkAt(locked, LinuxTree.Terminated(path), 0);
        _ = Lock(locked, LockRelease);
        locked.Dispose();
    }

    /// <summary>The decision of ADR 0001. Sound for grouping: file systems that record every writeback error in the superblock.</summary>
    internal static bool MayGroup(long fileSystem, Version kernel) =>
        kernel >= SyncFsReportsErrors && (uint)fileSystem is FileSystemType.Ext or FileSystemType.Xfs or FileSystemType.Btrfs
            or FileSystemType.F2fs or FileSystemType.Tmpfs;

    private static SafeFileHandle OpenLockFile(string path)
    {
        var file = OpenLockFile(path, ReadWrite);
        if (file.IsInvalid && LinuxError.Last == Errno.EACCES)
            file = OpenLockFile(path, ReadOnly);
        return file.IsInvalid ? throw LinuxError.From(LinuxError.Last, path, "open the lock file") : file;
    }

    private static bool IsDeleted(SafeFileHandle file) =>
        StatX(file, [0], EmptyPath, LinuxStamp.Wanted, out var found) == 0 && found.LinkCount == 0;

    private static SafeFileHandle OpenLockFile(string path, int access) =>
        Open(LinuxTree.Terminated(path), access | Creating | NoFollow | CloseOnExec | NonBlocking, 0x1b6 /* 0666 */);

    private static void Check(int result, string operation)
    {
        if (result != 0)
            throw LinuxError.From(LinuxError.Last, "the volume", operation);
    }
}

/// <summary>What <c>statfs</c> calls the file systems (linux/magic.h).</summary>
internal static class FileSystemType
{
    internal const uint Ext = 0xEF53;
    internal const uint Xfs = 0x58465342;
    internal const uint Btrfs = 0x9123683E;
    internal const uint F2fs = 0xF2F52010;
    internal const uint Tmpfs = 0x01021994;
}
