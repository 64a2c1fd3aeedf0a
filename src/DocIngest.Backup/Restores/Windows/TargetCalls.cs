using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Backup.Restores.Windows;

/// <summary>The Windows calls that restoring needs and the framework has no form of, or none that leaves links alone.</summary>
internal static partial class TargetCalls
{
    internal const uint GenericRead = 0x80000000;
    internal const uint GenericWrite = 0x40000000;
    internal const uint ReadAttributes = 0x80;
    internal const uint WriteAttributes = 0x100;
    internal const uint ListFolder = 1;
    internal const uint ShareRead = 1;
    internal const uint ShareWrite = 2;
    internal const uint ShareDelete = 4;
    internal const uint CreateNew = 1;
    internal const uint OpenExisting = 3;
    internal const uint OpenReparsePoint = 0x00200000;
    internal const uint BackupSemantics = 0x02000000;
    internal const uint MoveReplaceExisting = 1;
    internal const uint MoveWriteThrough = 8;
    internal const int IdInfoClass = 18;
    internal const int StandardInfoClass = 1;

    private const string Name = "kernel32";

    [LibraryImport(Name, EntryPoint = "CreateFileW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    internal static partial SafeFileHandle CreateFile(
        string path, uint access, uint share, nint security, uint disposition, uint flags, nint template);

    [LibraryImport(Name, EntryPoint = "CreateDirectoryW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool CreateFolder(string path, nint security);

    [LibraryImport(Name, EntryPoint = "MoveFileExW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool Move(string from, string to, uint flags);

    [LibraryImport(Name, EntryPoint = "DeleteFileW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool Remove(string path);

    [LibraryImport(Name, EntryPoint = "CreateHardLinkW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool CreateLink(string path, string existing, nint security);

    [LibraryImport(Name, EntryPoint = "GetFileInformationByHandleEx", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool GetIdInfo(SafeFileHandle file, int infoClass, out IdInfo info, int size);

    [LibraryImport(Name, EntryPoint = "GetFileInformationByHandleEx", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool GetStandardInfo(SafeFileHandle file, int infoClass, out StandardInfo info, int size);
}

/// <summary>FILE_ID_INFO.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct IdInfo
{
    internal ulong VolumeSerial;
    internal ulong FileIdLow;
    internal ulong FileIdHigh;
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
