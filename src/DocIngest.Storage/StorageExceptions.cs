namespace DocIngest.Storage;

/// <summary>The surroundings failed while reading or writing. The concrete type says whether a retry may help.</summary>
public abstract class StorageException(string message, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>Whether the same call may succeed later without anybody changing the call.</summary>
    public abstract bool MayRetry { get; }
}

/// <summary>No space, or no quota, is left. Retry after space was freed.</summary>
public sealed class StorageFullException(string message, Exception? inner = null) : StorageException(message, inner)
{
    /// <inheritdoc />
    public override bool MayRetry => true;
}

/// <summary>The folder or store is not there, read-only, forbidden, or its device failed. A retry may help.</summary>
public sealed class StorageUnavailableException(string message, Exception? inner = null) : StorageException(message, inner)
{
    /// <inheritdoc />
    public override bool MayRetry => true;

    /// <summary>How long the store asks to be left alone; null where it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>
/// A remote store answers, and does not serve us as it is set up: credentials that are wrong or lack a right, a certificate that is not
/// trusted, a server that lets nothing be changed. Nothing changed; somebody has to look.
/// </summary>
public sealed class StorageDeniedException(string message, Exception? inner = null) : StorageException(message, inner)
{
    /// <inheritdoc />
    public override bool MayRetry => false;
}

/// <summary>A flush failed: changes since the last successful flush of this volume may be lost although a later flush succeeds.</summary>
public sealed class FlushFailedException(string message, Exception? inner = null) : StorageException(message, inner)
{
    /// <inheritdoc />
    /// <remarks>The flush itself must not be repeated; the writes before it must.</remarks>
    public override bool MayRetry => false;
}

/// <summary>The name is taken. Nothing changed.</summary>
public sealed class NameTakenException(string message, Exception? inner = null) : StorageException(message, inner)
{
    /// <inheritdoc />
    public override bool MayRetry => false;
}

/// <summary>The system takes no such name: it is too long, or holds a character that is not allowed. Nothing changed.</summary>
public sealed class NameNotAllowedException(string message, Exception? inner = null) : StorageException(message, inner)
{
    /// <inheritdoc />
    public override bool MayRetry => false;
}

/// <summary>A remote store answers, and has no such container. Nothing changed; somebody has to name another, or make it.</summary>
public sealed class ContainerNotFoundException(string message, Exception? inner = null) : StorageException(message, inner)
{
    /// <inheritdoc />
    public override bool MayRetry => false;
}

/// <summary>Nothing there under that name. Nothing changed.</summary>
public sealed class EntryNotFoundException(string message, Exception? inner = null) : StorageException(message, inner)
{
    /// <inheritdoc />
    public override bool MayRetry => false;
}

/// <summary>The entry is of a kind that must not be used so (a link, device, FIFO, folder). Nothing changed.</summary>
public sealed class RefusedEntryException(string message, Exception? inner = null) : StorageException(message, inner)
{
    /// <inheritdoc />
    public override bool MayRetry => false;
}

/// <summary>A conditional write met another state than it demanded (blob exists, version differs, lease lost). Nothing changed.</summary>
public sealed class PreconditionFailedException(string message, Exception? inner = null) : StorageException(message, inner)
{
    /// <inheritdoc />
    public override bool MayRetry => false;
}

/// <summary>A lock stayed with its holder for longer than the caller would wait. Nothing changed.</summary>
public sealed class LockHeldException(string message, Exception? inner = null) : StorageException(message, inner)
{
    /// <inheritdoc />
    public override bool MayRetry => true;
}
