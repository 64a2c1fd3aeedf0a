using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Backup.Sources.Linux;

/// <summary>Reads where symbolic links lead.</summary>
internal static class LinkTargets
{
    private const int LongestTarget = 1 << 20;   // Linux allows 4095 bytes; a file system of a network may not know

    /// <summary>The raw bytes; null where they cannot be read, with the error left behind.</summary>
    /// <param name="folder">Where the link is.</param>
    /// <param name="name">Zero-terminated.</param>
    internal static byte[]? Read(SafeFileHandle folder, ReadOnlySpan<byte> name)
    {
        for (int size = 512; size <= LongestTarget; size *= 4)
        {
            byte[] target = ArrayPool<byte>.Shared.Rent(size);
            try
            {
                nint length = LibC.ReadLinkAt(folder, name, target, (nuint)target.Length);
                if (length < 0)
                    return null;
                if (length < target.Length)   // else it may have been cut
                    return target.AsSpan(0, (int)length).ToArray();
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(target);
            }
        }

        return null;
    }
}
