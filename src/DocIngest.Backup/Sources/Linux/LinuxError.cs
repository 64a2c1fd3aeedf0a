using System.Runtime.InteropServices;
using DocIngest.Storage;

namespace DocIngest.Backup.Sources.Linux;

/// <summary>Turns error numbers into storage errors and problems. Neither names a file.</summary>
internal static class LinuxError
{
    internal static int Last => Marshal.GetLastPInvokeError();

    internal static StorageException From(int errno, string operation)
    {
        string message = Message(errno, operation);
        return errno switch
        {
            Errno.ENOENT => new EntryNotFoundException(message),
            Errno.ELOOP or Errno.EISDIR or Errno.ENXIO or Errno.ENOTDIR => new RefusedEntryException(message),
            _ => new StorageUnavailableException(message),
        };
    }

    internal static SourceProblem Problem(SourceProblemKind kind, int errno, string operation) => new(kind, Message(errno, operation));

    private static string Message(int errno, string operation) => $"Cannot {operation}: {Marshal.GetPInvokeErrorMessage(errno)}.";
}
