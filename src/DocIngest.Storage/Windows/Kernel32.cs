using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Storage.Windows;

/// <summary>The Windows calls behind <see cref="WindowsTree"/>.</summary>
internal static partial class Kernel32
{
    internal const uint GenericRead = 0x80000000;
    internal const uint GenericWrite = 0x40000000;
    internal const uint ReadAttributes = 0x80;
    internal const uint AppendData = 0x4;
    internal const uint DeleteAccess = 0x10000;
    internal const uint Synchronize = 0x100000;

    internal const uint ShareNothing = 0;
    internal const uint ShareRead = 1;
    internal const uint ShareAll = 7;

    internal const uint CreateNew = 1;
    internal const uint OpenExisting = 3;
    internal const uint OpenAlways = 4;

    internal const uint WriteThrough = 0x80000000;
    internal const uint OpenReparsePoint = 0x00200000;
    internal const uint BackupSemantics = 0x02000000;
    internal const uint DeleteOnClose = 0x04000000;

    internal const uint MoveReplaceExisting = 1;
    internal const uint MoveWriteThrough = 8;

    internal const uint DuplicateSameAccess = 2;

    internal const int BasicInfoClass = 0;
    internal const int StandardInfoClass = 1;
    internal const int IdInfoClass = 18;

    internal const uint NoAttributes = uint.MaxValue;

    private const string Name = "kernel32";

    [LibraryImport(Name, EntryPoint = "CreateFileW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    internal static partial SafeFileHandle CreateFile(
        string path, uint access, uint share, nint security, uint disposition, uint flags, nint template);

    [LibraryImport(Name, EntryPoint = "CreateDirectoryW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool CreateDirectory(string path, nint security);

    [LibraryImport(Name, EntryPoint = "MoveFileExW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool MoveFile(string from, string to, uint flags);

    [LibraryImport(Name, EntryPoint = "DeleteFileW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool DeleteFile(string path);

    [LibraryImport(Name, EntryPoint = "RemoveDirectoryW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool RemoveDirectory(string path);

    [LibraryImport(Name, EntryPoint = "GetFileAttributesW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    internal static partial uint GetAttributes(string path);

    [LibraryImport(Name, EntryPoint = "GetDiskFreeSpaceExW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool GetFreeSpace(string path, out ulong available, nint total, nint free);

    [LibraryImport(Name, EntryPoint = "GetFileInformationByHandleEx", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool GetBasicInfo(SafeFileHandle file, int infoClass, out BasicInfo info, int size);

    [LibraryImport(Name, EntryPoint = "GetFileInformationByHandleEx", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool GetStandardInfo(SafeFileHandle file, int infoClass, out StandardInfo info, int size);

    [LibraryImport(Name, EntryPoint = "GetFileInformationByHandleEx", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool GetIdInfo(SafeFileHandle file, int infoClass, out IdInfo info, int size);

    [LibraryImport(Name, EntryPoint = "FlushFileBuffers", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool FlushBuffers(SafeFileHandle file);

    [LibraryImport(Name, EntryPoint = "GetCurrentProcess")]
    internal static partial nint CurrentProcess();

    [LibraryImport(Name, EntryPoint = "DuplicateHandle", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool DuplicateHandle(
        nint fromProcess, SafeFileHandle from, nint toProcess, out SafeFileHandle to, uint access,
        [MarshalAs(UnmanagedType.Bool)] bool inherit, uint options);
}

/// <summary>FILE_BASIC_INFO. Times are 100 ns steps since 1601.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BasicInfo
{
    internal long Creation;
    internal long Access;
    internal long Write;
    internal long Change;
    internal uint Attributes;
}

/// <summary>FILE_STANDARD_INFO.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StandardInfo
{
    internal long Allocation;
    internal long Size;
    internal uint LinkCount;
    internal byte DeletePending;
    internal byte IsFolder;
}

/// <summary>FILE_ID_INFO: 128 bits, since ReFS needs them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct IdInfo
{
    internal ulong VolumeSerial;
    internal ulong FileIdLow;
    internal ulong FileIdHigh;
}
