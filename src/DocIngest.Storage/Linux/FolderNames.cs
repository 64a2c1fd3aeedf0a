using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static DocIngest.Storage.Linux.LibC;

namespace DocIngest.Storage.Linux;

/// <summary>The names in a folder as zero-terminated bytes, read a block at a time.</summary>
internal sealed class FolderNames : SafeHandle
{
    private const int NameOffset = 19; // struct dirent of 64-bit Linux: inode 8, offset 8, length 2, type 1

    private readonly Func<int, Exception> _failure;

    /// <param name="folder">Taken over.</param>
    internal FolderNames(SafeFileHandle folder, Func<int, Exception> failure)
        : base(0, ownsHandle: true)
    {
        _failure = failure;
        using (folder)
        {
            var directory = OpenDirectory((int)folder.DangerousGetHandle());
            if (directory == 0)
                throw failure(LinuxError.Last);

            // The directory owns the descriptor from here on and closes it.
            folder.SetHandleAsInvalid();
            SetHandle(directory);
        }
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The next name, neither <c>.</c> nor <c>..</c>; null after the last.</summary>
    internal byte[]? Next()
    {
        while (true)
        {
            var entry = ReadDirectory(handle);
            if (entry == 0)
                return LinuxError.Last == 0 ? null : throw _failure(LinuxError.Last);
            var name = Name(entry + NameOffset);
            if (name is not ([(byte)'.', 0] or [(byte)'.', (byte)'.', 0]))
                return name;
        }
    }

    protected override bool ReleaseHandle() => CloseDirectory(handle) == 0;

    private static unsafe byte[] Name(nint at)
    {
        var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)at);
        return [.. name, 0];
    }
}
