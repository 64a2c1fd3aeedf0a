using Microsoft.Win32.SafeHandles;
using static DocIngest.Storage.Linux.LibC;

namespace DocIngest.Storage.Linux;

/// <summary>Opens a folder below another without following any link: in one call where the kernel can, else element by element.</summary>
internal static class PathWalk
{
    private const nint OpenAt2Number = 437; // the same on every architecture: openat2(2) came after the numbers were unified
    private const ulong NoSymbolicLinks = 0x04;
    private const ulong Beneath = 0x08;
    private const int LongestPath = 4096; // PATH_MAX; longer ones can only be walked

    // An older kernel (before 5.6) or a container's filter refuses the call; it will not change its mind. Only saves calls.
    private static volatile bool _kernelCanResolve = true;

    /// <param name="root">Taken over: returned for the empty path, else disposed.</param>
    /// <param name="error">Why the result is invalid: ELOOP for a link on the way.</param>
    internal static SafeFileHandle Open(SafeFileHandle root, EntryPath path, out int error)
    {
        error = 0;
        if (path.IsRoot)
            return root;
        using (root)
        {
            return _kernelCanResolve && path.Text.Length < LongestPath / 4
                ? Resolve(root, path, out error)
                : Walk(root, path, out error);
        }
    }

    internal static SafeFileHandle Walk(SafeFileHandle root, EntryPath path, out int error)
    {
        error = 0;
        var folder = root;
        foreach (string element in path.Elements)
        {
            var name = LinuxTree.Terminated(element);
            var inner = OpenAt(folder, name, ReadOnly | Folder | NoFollow | CloseOnExec, 0);
            error = inner.IsInvalid ? Reason(folder, name, LinuxError.Last) : 0;
            if (folder != root)
                folder.Dispose();
            folder = inner;
            if (error != 0)
                return Nothing();
        }

        return folder;
    }

    private static SafeFileHandle Resolve(SafeFileHandle root, EntryPath path, out int error)
    {
        var how = new OpenHow { Flags = (ulong)(ReadOnly | Folder | CloseOnExec), Resolve = NoSymbolicLinks | Beneath };
        nint folder = OpenAt2(OpenAt2Number, root, LinuxTree.Terminated(path.Text), how, 24);
        error = folder < 0 ? LinuxError.Last : 0;
        if (folder >= 0)
            return new SafeFileHandle(folder, ownsHandle: true);
        if (error is not (Errno.ENOSYS or Errno.EPERM))
            return Nothing();
        _kernelCanResolve = false;
        return Walk(root, path, out error);
    }

    private static SafeFileHandle Nothing() => new(-1, ownsHandle: false);

    /// <summary>O_DIRECTORY with O_NOFOLLOW says ENOTDIR for a link as for a file.</summary>
    private static int Reason(SafeFileHandle folder, byte[] name, int error) =>
        error == Errno.ENOTDIR && StatX(folder, name, NoFollowAt, LinuxStamp.Wanted, out var found) == 0 && LinuxStamp.KindOf(found) is EntryKind.Link
            ? Errno.ELOOP
            : error;
}
