using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Backup.Sources.Linux;

/// <summary>The names in a folder, sorted by their bytes.</summary>
internal static class FolderNames
{
    private const int NameOffset = 19;   // struct dirent of 64-bit Linux: inode 8, offset 8, length 2, type 1

    /// <summary>Names zero-terminated, without <c>.</c> and <c>..</c>.</summary>
    /// <param name="folder">Taken over.</param>
    /// <exception cref="Storage.StorageException">The folder cannot be read to its end.</exception>
    internal static List<byte[]> Read(SafeFileHandle folder)
    {
        var names = new List<byte[]>();
        nint directory = Open(folder);
        try
        {
            while (LibC.ReadDirectory(directory) is var entry and not 0)
            {
                byte[] name = Name(entry + NameOffset);
                if (name is not ([(byte)'.', 0] or [(byte)'.', (byte)'.', 0]))
                    names.Add(name);
            }

            if (LinuxError.Last != 0)
                throw LinuxError.From(LinuxError.Last, "list a folder");
        }
        finally
        {
            _ = LibC.CloseDirectory(directory);
        }

        // The zero at the end is below every other byte, so it changes no order.
        names.Sort(static (left, right) => left.AsSpan().SequenceCompareTo(right));
        return names;
    }

    private static nint Open(SafeFileHandle folder)
    {
        using (folder)
        {
            nint directory = LibC.OpenDirectory(folder.DangerousGetHandle());
            if (directory == 0)
                throw LinuxError.From(LinuxError.Last, "list a folder");

            // The directory owns the descriptor from here on and closes it.
            folder.SetHandleAsInvalid();
            return directory;
        }
    }

    private static unsafe byte[] Name(nint at) => [.. MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)at), 0];
}
