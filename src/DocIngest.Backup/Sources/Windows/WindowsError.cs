using System.Runtime.InteropServices;
using DocIngest.Storage;

namespace DocIngest.Backup.Sources.Windows;

/// <summary>Turns Windows error codes into storage errors and problems. Neither names a file.</summary>
internal static class WindowsError
{
    private const int FileNotFound = 2;
    private const int PathNotFound = 3;
    private const int NotAFolder = 267;

    internal static bool IsAbsent(int code) => code is FileNotFound or PathNotFound;

    internal static StorageException From(int code, string operation) => code switch
    {
        FileNotFound or PathNotFound => new EntryNotFoundException(Message(code, operation)),
        NotAFolder => new RefusedEntryException(Message(code, operation)),
        _ => new StorageUnavailableException(Message(code, operation)),
    };

    internal static SourceProblem Problem(SourceProblemKind kind, int code, string operation) => new(kind, Message(code, operation));

    /// <summary>The code inside an HRESULT of the framework's exceptions (0x8007xxxx).</summary>
    internal static int CodeOf(Exception error) => error.HResult & 0xFFFF;

    private static string Message(int code, string operation) => $"Cannot {operation}: {Marshal.GetPInvokeErrorMessage(code)}";
}
