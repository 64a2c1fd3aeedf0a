using System.Runtime.InteropServices;

namespace DocIngest.Storage.Linux;

/// <summary>Turns error numbers into storage errors. The message names the folder and what was tried, never an entry.</summary>
internal static class LinuxError
{
    internal static int Last => Marshal.GetLastPInvokeError();

    internal static Exception From(int errno, string displayName, string operation)
    {
        string message = $"{displayName}: cannot {operation}: {Marshal.GetPInvokeErrorMessage(errno)}.";
        return errno switch
        {
            Errno.ENOSPC or Errno.EDQUOT => new StorageFullException(message),
            Errno.EEXIST or Errno.ENOTEMPTY => new NameTakenException(message),
            Errno.ENOENT or Errno.ENOTDIR => new EntryNotFoundException(message),
            Errno.ELOOP or Errno.EISDIR or Errno.ENXIO => new RefusedEntryException(message),
            Errno.ENAMETOOLONG => new NameNotAllowedException(message),
            _ => new StorageUnavailableException(message),
        };
    }
}
