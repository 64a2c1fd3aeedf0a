using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Backup.Sources.Linux;

/// <summary>The system calls that reading metadata needs. Names are zero-terminated bytes. 64-bit Linux only, as .NET's own builds.</summary>
/// <remarks>Storage has calls of its own for what it does to files; here nothing is ever written.</remarks>
internal static partial class LibC
{
    internal const int ReadOnly = 0;
    internal const int NoControllingTerminal = 0x100;
    internal const int NonBlocking = 0x800;
    internal const int NoAccessTime = 0x40000;
    internal const int CloseOnExec = 0x80000;
    internal const int PathOnly = 0x200000;

    internal const int NoFollowAt = 0x100;
    internal const int NoAutomountAt = 0x800;
    internal const int EmptyPathAt = 0x1000;

    private const string Name = "libc";

    /// <summary>O_DIRECTORY and O_NOFOLLOW differ on ARM and POWER, which had numbers of their own before the common ones.</summary>
    internal static int Folder { get; } = HasOwnOpenFlags ? 0x4000 : 0x10000;

    internal static int NoFollow { get; } = HasOwnOpenFlags ? 0x8000 : 0x20000;

    private static bool HasOwnOpenFlags =>
        RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64 or Architecture.Ppc64le;

    [LibraryImport(Name, EntryPoint = "open", SetLastError = true)]
    internal static partial SafeFileHandle Open(ReadOnlySpan<byte> path, int flags);

    [LibraryImport(Name, EntryPoint = "openat", SetLastError = true)]
    internal static partial SafeFileHandle OpenAt(SafeFileHandle folder, ReadOnlySpan<byte> path, int flags);

    [LibraryImport(Name, EntryPoint = "statx", SetLastError = true)]
    internal static partial int StatX(SafeFileHandle folder, ReadOnlySpan<byte> path, int flags, uint mask, out StatX found);

    [LibraryImport(Name, EntryPoint = "readlinkat", SetLastError = true)]
    internal static partial nint ReadLinkAt(SafeFileHandle folder, ReadOnlySpan<byte> path, Span<byte> target, nuint size);

    [LibraryImport(Name, EntryPoint = "fdopendir", SetLastError = true)]
    internal static partial nint OpenDirectory(nint folder);

    [LibraryImport(Name, EntryPoint = "readdir", SetLastError = true)]
    internal static partial nint ReadDirectory(nint directory);

    [LibraryImport(Name, EntryPoint = "closedir")]
    internal static partial int CloseDirectory(nint directory);

    [LibraryImport(Name, EntryPoint = "llistxattr", SetLastError = true)]
    internal static partial nint ListAttributes(ReadOnlySpan<byte> path, Span<byte> names, nuint size);

    [LibraryImport(Name, EntryPoint = "lgetxattr", SetLastError = true)]
    internal static partial nint GetAttribute(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, Span<byte> value, nuint size);

    [LibraryImport(Name, EntryPoint = "flistxattr", SetLastError = true)]
    internal static partial nint ListAttributes(SafeFileHandle file, Span<byte> names, nuint size);

    [LibraryImport(Name, EntryPoint = "fgetxattr", SetLastError = true)]
    internal static partial nint GetAttribute(SafeFileHandle file, ReadOnlySpan<byte> name, Span<byte> value, nuint size);

    [LibraryImport(Name, EntryPoint = "geteuid")]
    internal static partial uint EffectiveUserId();

    [LibraryImport(Name, EntryPoint = "getegid")]
    internal static partial uint EffectiveGroupId();

    /// <summary>The supplementary groups of this process; none where they cannot be told.</summary>
    internal static uint[] FindOwnGroups()
    {
        uint[] groups = new uint[Math.Max(OwnGroups(0, []), 0)];
        int count = OwnGroups(groups.Length, groups);
        return groups[..Math.Clamp(count, 0, groups.Length)];
    }

    [LibraryImport(Name, EntryPoint = "getgroups")]
    private static partial int OwnGroups(int room, Span<uint> groups);

    [LibraryImport(Name, EntryPoint = "getpwuid_r")]
    internal static partial int FindUser(uint id, out Account entry, Span<byte> texts, nuint size, out nint found);

    [LibraryImport(Name, EntryPoint = "getgrgid_r")]
    internal static partial int FindGroup(uint id, out Account entry, Span<byte> texts, nuint size, out nint found);
}

/// <summary><c>struct statx</c>, statx(2): the fields read here, at their offsets.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct StatX
{
    /// <summary>Everything stat(2) knows.</summary>
    internal const uint Basic = 0x7ff;

    [FieldOffset(0x00)] internal uint Mask;
    [FieldOffset(0x10)] internal uint LinkCount;
    [FieldOffset(0x14)] internal uint UserId;
    [FieldOffset(0x18)] internal uint GroupId;
    [FieldOffset(0x1c)] internal ushort Mode;
    [FieldOffset(0x20)] internal ulong Inode;
    [FieldOffset(0x28)] internal ulong Size;
    [FieldOffset(0x60)] internal long ChangeSeconds;
    [FieldOffset(0x68)] internal uint ChangeNanoseconds;
    [FieldOffset(0x70)] internal long WriteSeconds;
    [FieldOffset(0x78)] internal uint WriteNanoseconds;
    [FieldOffset(0x80)] internal uint SpecialMajor;
    [FieldOffset(0x84)] internal uint SpecialMinor;
    [FieldOffset(0x88)] internal uint DeviceMajor;
    [FieldOffset(0x8c)] internal uint DeviceMinor;
}

/// <summary>
/// <c>struct passwd</c> and <c>struct group</c>: both begin with the address of the name, and neither is longer than this.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct Account
{
    internal nint Name;
}

/// <summary>Error numbers of the Linux kernel, the same on every architecture .NET runs on.</summary>
internal static class Errno
{
    internal const int EPERM = 1;
    internal const int ENOENT = 2;
    internal const int EINTR = 4;
    internal const int ENXIO = 6;
    internal const int EACCES = 13;
    internal const int ENOTDIR = 20;
    internal const int EISDIR = 21;
    internal const int ERANGE = 34;
    internal const int ELOOP = 40;
    internal const int ENODATA = 61;
    internal const int EOPNOTSUPP = 95;
}
