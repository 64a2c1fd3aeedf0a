using System.Runtime.InteropServices;
using DocIngest.Storage;

namespace DocIngest.Backup.Restores.Linux;

/// <summary>Tells errors that concern one entry from those that end the restore. No message names a file.</summary>
internal static class TargetError
{
    internal const int ENOENT = 2;
    internal const int EINTR = 4;
    internal const int EAGAIN = 11;
    internal const int EPERM = 1;
    internal const int EACCES = 13;
    internal const int EEXIST = 17;
    internal const int EXDEV = 18;
    internal const int ENOTDIR = 20;
    internal const int EISDIR = 21;
    internal const int EINVAL = 22;
    internal const int EMLINK = 31;
    internal const int ENOSYS = 38;
    internal const int ENOTEMPTY = 39;
    internal const int ELOOP = 40;
    internal const int EOPNOTSUPP = 95;

    private const int EIO = 5;
    private const int ENXIO = 6;
    private const int ENOMEM = 12;
    private const int ENODEV = 19;
    private const int ENFILE = 23;
    private const int EMFILE = 24;
    private const int ENOSPC = 28;
    private const int EROFS = 30;
    private const int ESTALE = 116;
    private const int EDQUOT = 122;

    internal static int Last => Marshal.GetLastPInvokeError();

    /// <summary>What a failed call means for the entry, or for the whole restore.</summary>
    internal static Exception From(int errno, string operation) => errno switch
    {
        EEXIST or ENOTEMPTY or EISDIR or ENOTDIR or ELOOP => new EntryNotRestoredException(RestoreProblemKind.Conflict, Message(errno, operation)),
        _ when EndsAll(errno) is { } end => end(Message(errno, operation)),
        _ => new EntryNotRestoredException(RestoreProblemKind.NotWritten, Message(errno, operation)),
    };

    /// <summary>What a failed call means where one entry is out of the question.</summary>
    internal static StorageException OfTarget(int errno, string operation) =>
        EndsAll(errno) is { } end ? end(Message(errno, operation)) : new StorageUnavailableException(Message(errno, operation));

    /// <summary>What is wrong with the metadata of an entry.</summary>
    /// <exception cref="StorageException">The error ends the restore.</exception>
    internal static string OfMetadata(int errno, string operation) =>
        EndsAll(errno) is { } end ? throw end(Message(errno, operation)) : Message(errno, operation);

    private static Func<string, StorageException>? EndsAll(int errno) => errno switch
    {
        ENOSPC or EDQUOT => static message => new StorageFullException(message),
        EIO or ENXIO or ENOMEM or ENODEV or ENFILE or EMFILE or EROFS or ESTALE => static message => new StorageUnavailableException(message),
        _ => null,
    };

    private static string Message(int errno, string operation) => $"Cannot {operation}: {Marshal.GetPInvokeErrorMessage(errno)}.";
}
