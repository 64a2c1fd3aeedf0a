using System.Runtime.InteropServices;
using DocIngest.Storage;

namespace DocIngest.Backup.Restores.Windows;

/// <summary>Tells errors that concern one entry from those that end the restore. No message names a file.</summary>
internal static class WindowsTargetError
{
    internal const int FileNotFound = 2;
    internal const int PathNotFound = 3;
    internal const int NotSameDevice = 17;
    internal const int InvalidFunction = 1;
    internal const int NotSupported = 50;
    internal const int TooManyLinks = 1142;

    private const int WriteProtected = 19;
    private const int NotReady = 21;
    private const int DiskFullByHandle = 39;
    private const int FileExists = 80;
    private const int DiskFull = 112;
    private const int AlreadyExists = 183;
    private const int DeviceError = 1117;

    internal static int Last => Marshal.GetLastPInvokeError();

    internal static bool IsAbsent(int code) => code is FileNotFound or PathNotFound;

    /// <summary>The code inside an HRESULT of the framework's exceptions (0x8007xxxx).</summary>
    internal static int CodeOf(Exception error) => error.HResult & 0xFFFF;

    internal static Exception From(int code, string operation) => code switch
    {
        FileExists or AlreadyExists => new EntryNotRestoredException(RestoreProblemKind.Conflict, Message(code, operation)),
        DiskFull or DiskFullByHandle => new StorageFullException(Message(code, operation)),
        WriteProtected or NotReady or DeviceError => new StorageUnavailableException(Message(code, operation)),
        _ => new EntryNotRestoredException(RestoreProblemKind.NotWritten, Message(code, operation)),
    };

    /// <summary>Calls something of the framework and translates its errors.</summary>
    internal static T Guarded<T>(string operation, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception error) when (error is IOException and not StorageException or UnauthorizedAccessException)
        {
            throw From(CodeOf(error), operation);
        }
    }

    private static string Message(int code, string operation) => $"Cannot {operation}: {Marshal.GetPInvokeErrorMessage(code)}";
}
