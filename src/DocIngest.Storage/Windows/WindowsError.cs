using System.Runtime.InteropServices;

namespace DocIngest.Storage.Windows;

/// <summary>Turns Windows error codes into storage errors. The message names the folder and what was tried, never an entry.</summary>
internal static class WindowsError
{
    internal const int FileNotFound = 2;
    internal const int PathNotFound = 3;
    internal const int AccessDenied = 5;
    internal const int InvalidFunction = 1;
    internal const int SharingViolation = 32;
    internal const int HandleDiskFull = 39;
    internal const int FileExists = 80;
    internal const int DiskFull = 112;
    internal const int InvalidName = 123;
    internal const int FolderNotEmpty = 145;
    internal const int AlreadyExists = 183;
    internal const int NameTooLong = 206;
    internal const int NotAFolder = 267;
    internal const int QuotaExceeded = 1295;

    internal static int Last => Marshal.GetLastPInvokeError();

    internal static bool IsAbsent(int code) => code is FileNotFound or PathNotFound;

    internal static Exception From(int code, string displayName, string operation)
    {
        string message = $"{displayName}: cannot {operation}: {Marshal.GetPInvokeErrorMessage(code)}";
        return code switch
        {
            DiskFull or HandleDiskFull or QuotaExceeded => new StorageFullException(message),
            FileExists or AlreadyExists or FolderNotEmpty => new NameTakenException(message),
            FileNotFound or PathNotFound or NotAFolder => new EntryNotFoundException(message),
            InvalidName or NameTooLong => new NameNotAllowedException(message),
            _ => new StorageUnavailableException(message),
        };
    }

    /// <summary>The code inside an HRESULT of the framework's exceptions (0x8007xxxx).</summary>
    internal static int CodeOf(Exception error) => error.HResult & 0xFFFF;
}
