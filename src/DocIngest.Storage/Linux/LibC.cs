using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Storage.Linux;

/// <summary>The system calls behind <see cref="LinuxTree"/>. Names are zero-terminated bytes. 64-bit Linux only, as .NET's own builds.</summary>
internal static partial class LibC
{
    internal const int ReadOnly = 0;
    internal const int WriteOnly = 1;
    internal const int ReadWrite = 2;
    internal const int CreateNew = Creating | 0x80;
    internal const int Creating = 0x40;
    internal const int NoControllingTerminal = 0x100;
    internal const int Append = 0x400;
    internal const int NonBlocking = 0x800;
    internal const int CloseOnExec = 0x80000;

    internal const int NoFollowAt = 0x100;
    internal const int RemoveFolder = 0x200;
    internal const int EmptyPath = 0x1000;
    internal const uint NoReplace = 1;

    internal const int GetFlags = 3;
    internal const int SetFlags = 4;
    internal const int SetSignal = 10;
    internal const int SetLease = 1024;
    internal const int DuplicateCloseOnExec = 1030;
    internal const int ReadLease = 0;
    internal const int NoLease = 2;
    internal const int SignalUrgent = 23;

    internal const int LockExclusive = 2;
    internal const int LockNonBlocking = 4;
    internal const int LockRelease = 8;

    private const string Name = "libc";

    /// <summary>O_DIRECTORY and O_NOFOLLOW differ on ARM and POWER, which had numbers of their own before the common ones.</summary>
    internal static int Folder { get; } = HasOwnOpenFlags ? 0x4000 : 0x10000;

    internal static int NoFollow { get; } = HasOwnOpenFlags ? 0x8000 : 0x20000;

    /// <summary>O_DIRECT; 0 where it is not known.</summary>
    internal static int Direct { get; } = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 0x4000,
        Architecture.Arm64 => 0x10000,
        _ => 0,
    };

    private static bool HasOwnOpenFlags =>
        RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64 or Architecture.Ppc64le;

    [LibraryImport(Name, EntryPoint = "open", SetLastError = true)]
    internal static partial SafeFileHandle Open(byte[] path, int flags, uint mode);

    [LibraryImport(Name, EntryPoint = "openat", SetLastError = true)]
    internal static partial SafeFileHandle OpenAt(SafeFileHandle folder, byte[] path, int flags, uint mode);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint OpenAt2(nint number, SafeFileHandle folder, byte[] path, in OpenHow how, nuint size);

    [LibraryImport(Name, EntryPoint = "statx", SetLastError = true)]
    internal static partial int StatX(SafeFileHandle folder, byte[] path, int flags, uint mask, out StatX found);

    [LibraryImport(Name, EntryPoint = "fstatfs", SetLastError = true)]
    internal static partial int StatFileSystem(SafeFileHandle file, out StatFileSystem found);

    [LibraryImport(Name, EntryPoint = "fdopendir", SetLastError = true)]
    internal static partial nint OpenDirectory(int folder);

    [LibraryImport(Name, EntryPoint = "readdir", SetLastError = true)]
    internal static partial nint ReadDirectory(nint directory);

    [LibraryImport(Name, EntryPoint = "closedir")]
    internal static partial int CloseDirectory(nint directory);

    [LibraryImport(Name, EntryPoint = "mkdirat", SetLastError = true)]
    internal static partial int MakeFolderAt(SafeFileHandle folder, byte[] path, uint mode);

    [LibraryImport(Name, EntryPoint = "renameat", SetLastError = true)]
    internal static partial int RenameAt(SafeFileHandle fromFolder, byte[] from, SafeFileHandle toFolder, byte[] to);

    [LibraryImport(Name, EntryPoint = "renameat2", SetLastError = true)]
    internal static partial int RenameAt2(SafeFileHandle fromFolder, byte[] from, SafeFileHandle toFolder, byte[] to, uint flags);

    [LibraryImport(Name, EntryPoint = "linkat", SetLastError = true)]
    internal static partial int LinkAt(SafeFileHandle fromFolder, byte[] from, SafeFileHandle toFolder, byte[] to, int flags);

    [LibraryImport(Name, EntryPoint = "unlinkat", SetLastError = true)]
    internal static partial int UnlinkAt(SafeFileHandle folder, byte[] path, int flags);

    [LibraryImport(Name, EntryPoint = "ftruncate", SetLastError = true)]
    internal static partial int Truncate(SafeFileHandle file, long size);

    [LibraryImport(Name, EntryPoint = "pwrite", SetLastError = true)]
    internal static unsafe partial nint WriteAt(SafeFileHandle file, byte* bytes, nuint length, long offset);

    [LibraryImport(Name, EntryPoint = "fsync", SetLastError = true)]
    internal static partial int Sync(SafeFileHandle file);

    [LibraryImport(Name, EntryPoint = "syncfs", SetLastError = true)]
    internal static partial int SyncFileSystem(SafeFileHandle file);

    [LibraryImport(Name, EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int Control(SafeFileHandle file, int command, nint argument);

    [LibraryImport(Name, EntryPoint = "flock", SetLastError = true)]
    internal static partial int Lock(SafeFileHandle file, int operation);
}

/// <summary><c>struct open_how</c>, openat2(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct OpenHow
{
    internal ulong Flags;
    internal ulong Mode;
    internal ulong Resolve;
}

/// <summary><c>struct statx</c>, statx(2): the fields read here, at their offsets.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct StatX
{
    /// <summary>Everything stat(2) knows, and the birth time.</summary>
    internal const uint BasicAndBirth = 0x7ff | HasBirth;

    internal const uint HasBirth = 0x800;

    [FieldOffset(0x00)] internal uint Mask;
    [FieldOffset(0x10)] internal uint LinkCount;
    [FieldOffset(0x1c)] internal ushort Mode;
    [FieldOffset(0x20)] internal ulong Inode;
    [FieldOffset(0x28)] internal ulong Size;
    [FieldOffset(0x50)] internal long BirthSeconds;
    [FieldOffset(0x58)] internal uint BirthNanoseconds;
    [FieldOffset(0x70)] internal long WriteSeconds;
    [FieldOffset(0x78)] internal uint WriteNanoseconds;
    [FieldOffset(0x88)] internal uint DeviceMajor;
    [FieldOffset(0x8c)] internal uint DeviceMinor;
}

/// <summary><c>struct statfs</c> of 64-bit Linux, statfs(2): the fields read here, at their offsets.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct StatFileSystem
{
    [FieldOffset(0)] internal long Type;
    [FieldOffset(32)] internal ulong AvailableBlocks;
    [FieldOffset(72)] internal long FragmentSize;
}
