using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Backup.Sources.Windows;

/// <summary>The one Windows call that the framework has no form of: opening what stands there, and not what it leads to.</summary>
internal static partial class Kernel32
{
    internal const uint GenericRead = 0x80000000;
    internal const uint ShareAll = 7;
    internal const uint OpenExisting = 3;
    internal const uint OpenReparsePoint = 0x00200000;
    internal const uint BackupSemantics = 0x02000000;
    internal const uint SequentialScan = 0x08000000;

    [LibraryImport("kernel32", EntryPoint = "CreateFileW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    internal static partial SafeFileHandle CreateFile(
        string path, uint access, uint share, nint security, uint disposition, uint flags, nint template);
}
