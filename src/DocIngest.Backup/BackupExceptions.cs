namespace DocIngest.Backup;

/// <summary>A repository cannot be used as asked. Failures of the disk or network are Storage's own exceptions.</summary>
public abstract class BackupException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>There is no repository at this place. Nothing changed.</summary>
public sealed class RepositoryNotFoundException(string message) : BackupException(message);

/// <summary>A new repository was asked for where one is, or a part of one. Nothing changed.</summary>
public sealed class RepositoryExistsException(string message) : BackupException(message);

/// <summary>No key file opens with this password. Nothing changed.</summary>
public sealed class WrongPasswordException(string message) : BackupException(message);

/// <summary>The machine did not give the memory that turning a password into a key needs. Nothing changed; a retry may help.</summary>
public sealed class KeyDerivationException(string message) : BackupException(message);

/// <summary>A key cannot be added or removed as asked: somebody could lose the repository by it. Nothing changed.</summary>
public sealed class KeyRefusedException(string message) : BackupException(message);

/// <summary>No snapshot or key has the name that was given. Nothing changed.</summary>
public sealed class NameNotFoundException(string message) : BackupException(message);

/// <summary>The digits that were typed are those of several names. Nothing changed.</summary>
public sealed class AmbiguousNameException(string message) : BackupException(message);

/// <summary>Snapshots shall not be removed as asked: what would be lost looks like a mistake. Nothing changed.</summary>
public sealed class RemovalRefusedException(string message) : BackupException(message)
{
    /// <summary>Whether it goes where somebody says that it is wanted (<see cref="Removal.RemovalRequest.MayRemoveWholeGroups"/>). Default true.</summary>
    public bool MayBeAllowed { get; init; } = true;
}

/// <summary>The repository is of a kind this program does not know (format version, KDF, ...). Nothing changed.</summary>
public sealed class UnsupportedRepositoryException(string message) : BackupException(message);

/// <summary>Somebody holds a lock that excludes this operation. Nothing changed; a retry may help.</summary>
public sealed class RepositoryLockedException(string message) : BackupException(message);

/// <summary>The own lock could not be kept fresh: another host may believe that nobody works here. The operation stops; what it wrote is harmless.</summary>
public sealed class LockLostException(string message, Exception? inner = null) : BackupException(message, inner);

/// <summary>Nothing of what was to be backed up is there. No snapshot was made.</summary>
public sealed class SourceMissingException(string message) : BackupException(message)
{
    /// <summary>Whether a snapshot has it: it was there once.</summary>
    public bool WasThereBefore { get; init; }
}

/// <summary>Pruning would rely on what is not there, or remove everything. Nothing changed.</summary>
public sealed class PruneRefusedException(string message, Exception? inner = null) : BackupException(message, inner);

/// <summary>What was encoded does not read as it was given: memory, processor or program are faulty. Nothing of it was published.</summary>
/// <param name="what">What was encoded, at the beginning of a sentence.</param>
/// <param name="inner">What found it.</param>
public sealed class UnsoundEncodingException(string what, Exception? inner = null) : BackupException(
    $"{what} does not read as it was written: the memory, the processor or this program is faulty. It was not saved. Test the memory of this machine before you rely on it.", inner);

/// <summary>Stored bytes are not what their name, their authentication code or the format demands. Never retried, never repaired silently.</summary>
/// <param name="kind">What kind of file.</param>
/// <param name="file">Which; null for config.</param>
/// <param name="message">What is wrong, without content.</param>
/// <param name="inner">What found it.</param>
public sealed class DamagedRepositoryException(FileKind kind, FileId? file, string message, Exception? inner = null)
    : BackupException(file is { } id ? $"{kind} {id}: {message}" : $"{kind}: {message}", inner)
{
    /// <summary>The kind of the damaged file.</summary>
    public FileKind Kind { get; } = kind;

    /// <summary>Its name; null for config.</summary>
    public FileId? File { get; } = file;
}
