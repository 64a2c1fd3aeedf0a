using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Backup.Restores.Linux;

/// <summary>The system calls that restoring needs besides those of <see cref="Sources.Linux.LibC"/>. Names are zero-terminated bytes. 64-bit Linux only.</summary>
internal static partial class WriteCalls
{
    internal const int WriteOnly = 1;
    internal const int ReadWrite = 2;
    internal const int CreateNew = 0x40 | 0x80;
    internal const int NoFollowAt = 0x100;
    internal const uint NoReplace = 1;
    internal const uint KeepId = uint.MaxValue;   // (uid_t)-1: leave it

    internal const int LockExclusive = 2;
    internal const int LockNonBlocking = 4;
    internal const int LockRelease = 8;

    private const string Name = "libc";

    [LibraryImport(Name, EntryPoint = "openat", SetLastError = true)]
    internal static partial SafeFileHandle CreateAt(SafeFileHandle folder, ReadOnlySpan<byte> path, int flags, uint mode);

    [LibraryImport(Name, EntryPoint = "pwrite", SetLastError = true)]
    internal static partial nint Write(SafeFileHandle file, ReadOnlySpan<byte> content, nuint size, long offset);

    [LibraryImport(Name, EntryPoint = "pread", SetLastError = true)]
    internal static partial nint Read(SafeFileHandle file, Span<byte> content, nuint size, long offset);

    [LibraryImport(Name, EntryPoint = "ftruncate", SetLastError = true)]
    internal static partial int Truncate(SafeFileHandle file, long size);

    [LibraryImport(Name, EntryPoint = "mkdirat", SetLastError = true)]
    internal static partial int MakeFolderAt(SafeFileHandle folder, ReadOnlySpan<byte> path, uint mode);

    [LibraryImport(Name, EntryPoint = "symlinkat", SetLastError = true)]
    internal static partial int MakeLinkAt(ReadOnlySpan<byte> target, SafeFileHandle folder, ReadOnlySpan<byte> path);

    [LibraryImport(Name, EntryPoint = "mkfifoat", SetLastError = true)]
    internal static partial int MakeFifoAt(SafeFileHandle folder, ReadOnlySpan<byte> path, uint mode);

    /// <remarks>glibc has it since 2.33.</remarks>
    [LibraryImport(Name, EntryPoint = "mknodat", SetLastError = true)]
    internal static partial int MakeNodeAt(SafeFileHandle folder, ReadOnlySpan<byte> path, uint mode, ulong device);

    [LibraryImport(Name, EntryPoint = "linkat", SetLastError = true)]
    internal static partial int LinkAt(SafeFileHandle fromFolder, ReadOnlySpan<byte> from, SafeFileHandle toFolder, ReadOnlySpan<byte> to, int flags);

    [LibraryImport(Name, EntryPoint = "renameat", SetLastError = true)]
    internal static partial int RenameAt(SafeFileHandle fromFolder, ReadOnlySpan<byte> from, SafeFileHandle toFolder, ReadOnlySpan<byte> to);

    [LibraryImport(Name, EntryPoint = "renameat2", SetLastError = true)]
    internal static partial int RenameAt2(
        SafeFileHandle fromFolder, ReadOnlySpan<byte> from, SafeFileHandle toFolder, ReadOnlySpan<byte> to, uint flags);

    [LibraryImport(Name, EntryPoint = "unlinkat", SetLastError = true)]
    internal static partial int UnlinkAt(SafeFileHandle folder, ReadOnlySpan<byte> path, int flags);

    [LibraryImport(Name, EntryPoint = "fchown", SetLastError = true)]
    internal static partial int SetOwner(SafeFileHandle file, uint user, uint group);

    [LibraryImport(Name, EntryPoint = "fchownat", SetLastError = true)]
    internal static partial int SetOwnerAt(SafeFileHandle folder, ReadOnlySpan<byte> path, uint user, uint group, int flags);

    [LibraryImport(Name, EntryPoint = "fchmod", SetLastError = true)]
    internal static partial int SetMode(SafeFileHandle file, uint mode);

    [LibraryImport(Name, EntryPoint = "chmod", SetLastError = true)]
    internal static partial int SetMode(ReadOnlySpan<byte> path, uint mode);

    [LibraryImport(Name, EntryPoint = "futimens", SetLastError = true)]
    internal static partial int SetTimes(SafeFileHandle file, in TwoTimes times);

    [LibraryImport(Name, EntryPoint = "utimensat", SetLastError = true)]
    internal static partial int SetTimesAt(SafeFileHandle folder, ReadOnlySpan<byte> path, in TwoTimes times, int flags);

    [LibraryImport(Name, EntryPoint = "fsetxattr", SetLastError = true)]
    internal static partial int SetAttribute(SafeFileHandle file, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, nuint size, int flags);

    [LibraryImport(Name, EntryPoint = "lsetxattr", SetLastError = true)]
    internal static partial int SetAttribute(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, nuint size, int flags);

    [LibraryImport(Name, EntryPoint = "fremovexattr", SetLastError = true)]
    internal static partial int RemoveAttribute(SafeFileHandle file, ReadOnlySpan<byte> name);

    [LibraryImport(Name, EntryPoint = "lremovexattr", SetLastError = true)]
    internal static partial int RemoveAttribute(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name);

    [LibraryImport(Name, EntryPoint = "flock", SetLastError = true)]
    internal static partial int Lock(SafeFileHandle file, int operation);

    [LibraryImport(Name, EntryPoint = "fsync", SetLastError = true)]
    internal static partial int Sync(SafeFileHandle file);

    [LibraryImport(Name, EntryPoint = "syncfs", SetLastError = true)]
    internal static partial int SyncFileSystem(SafeFileHandle file);

    [LibraryImport(Name, EntryPoint = "fstatfs", SetLastError = true)]
    internal static partial int StatFileSystem(SafeFileHandle file, out StatFileSystem found);
}

/// <summary><c>struct timespec[2]</c> of utimensat(2): last access, then last write.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TwoTimes
{
    internal long AccessSeconds;
    internal long AccessNanoseconds;
    internal long WriteSeconds;
    internal long WriteNanoseconds;
}

/// <summary><c>struct statfs</c> of 64-bit Linux, statfs(2): the field read here.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct StatFileSystem
{
    [FieldOffset(0)] internal long Type;
}
