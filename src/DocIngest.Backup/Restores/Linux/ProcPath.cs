using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Backup.Restores.Linux;

/// <summary>Names what a handle stands for, for calls that take no handle: the kernel goes to the very thing, wherever it was moved.</summary>
internal static class ProcPath
{
    /// <summary>Zero-terminated.</summary>
    /// <param name="handle">Must stay open.</param>
    internal static byte[] Of(SafeFileHandle handle) =>
        System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{handle.DangerousGetHandle()}\0"));

    /// <summary>Of an entry of a folder. A call that follows no link in the last element follows none.</summary>
    /// <param name="folder">Must stay open.</param>
    /// <param name="name">Zero-terminated.</param>
    internal static byte[] Of(SafeFileHandle folder, ReadOnlySpan<byte> name) => [.. Of(folder).AsSpan()[..^1], (byte)'/', .. name];
}
