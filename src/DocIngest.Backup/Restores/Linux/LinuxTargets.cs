using DocIngest.Backup.Sources.Linux;
using DocIngest.Backup.Trees;
using DocIngest.Storage;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Backup.Restores.Linux;

/// <summary>Names are bytes: only those that lead elsewhere are refused.</summary>
internal sealed class LinuxTargets : TargetPlatform
{
    private const uint FolderMode = 0x1ff;   // 0777, less the umask: the folders above what is restored are the operator's

    internal override bool Takes(FileName name) => name.IsSafe;

    internal override RestoreTarget? Open(string path, bool isDryRun)
    {
        if (!path.StartsWith('/') || path.Contains('\0'))
            throw new ArgumentException("The path of the target must be absolute.", nameof(path));
        var folder = OpenOrMake(path, isDryRun);
        if (folder is null)
            return null;

        // Belongs to the open folder and goes with it. File systems that lock no folders (NFS) go without.
        if (!isDryRun && WriteCalls.Lock(folder, WriteCalls.LockExclusive | WriteCalls.LockNonBlocking) != 0 && TargetError.Last == TargetError.EAGAIN)
        {
            folder.Dispose();
            throw new LockHeldException("Another restore is writing into the target.");
        }

        return new LinuxTarget(folder, isDryRun);
    }

    private static SafeFileHandle? OpenOrMake(string path, bool isDryRun)
    {
        const int Flags = LibC.ReadOnly | LibC.CloseOnExec;
        var folder = LibC.Open("/\0"u8, Flags | LibC.Folder);
        foreach (string element in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            byte[] name = [.. RawName.ToBytes(element), 0];
            using var above = folder;
            folder = OpenPassage(above, name);
            if (!folder.IsInvalid)
                continue;
            if (TargetError.Last != TargetError.ENOENT)
                throw TargetError.OfTarget(TargetError.Last, "open the target");
            if (isDryRun)
                return null;
            if (WriteCalls.MakeFolderAt(above, name, FolderMode) != 0 && TargetError.Last != TargetError.EEXIST)
                throw TargetError.OfTarget(TargetError.Last, "make the target");
            folder = OpenPassage(above, name);
            if (folder.IsInvalid)
                throw TargetError.OfTarget(TargetError.Last, "open the target");
        }

        return Readable(folder);

        static SafeFileHandle OpenPassage(SafeFileHandle above, byte[] name) => LibC.OpenAt(above, name, LibC.PathOnly | LibC.Folder | LibC.CloseOnExec);

        static SafeFileHandle Readable(SafeFileHandle passage)
        {
            using (passage)
            {
                var readable = LibC.OpenAt(passage, ".\0"u8, Flags | LibC.Folder);
                return readable.IsInvalid ? throw TargetError.OfTarget(TargetError.Last, "open the target") : readable;
            }
        }
    }
}

/// <summary>An open target with the file systems that were met in it.</summary>
internal sealed class LinuxTarget : RestoreTarget
{
    private readonly LinuxVolumes _volumes;
    private readonly LinuxTargetFolder _folder;

    /// <param name="folder">Taken over.</param>
    /// <param name="isDryRun">Whether nothing may be changed.</param>
    internal LinuxTarget(SafeFileHandle folder, bool isDryRun)
    {
        _volumes = new LinuxVolumes { IsDryRun = isDryRun };
        _folder = new LinuxTargetFolder(folder, _volumes);
    }

    internal override TargetFolder Folder => _folder;

    /// <remarks>Unlocked before it is closed: a child process that is just being started still shares the handle.</remarks>
    public override void Dispose()
    {
        _folder.Unlock();
        _folder.Dispose();
        _volumes.Dispose();
    }

    internal override void Flush() => _volumes.Flush();
}
