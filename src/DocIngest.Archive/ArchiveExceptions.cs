namespace DocIngest.Archive;

/// <summary>The archive refuses or cannot trust something. Retrying the same call never helps.</summary>
public abstract class ArchiveException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The folder is no storage root that this archive may use: not OCFL 1.1, another layout, or a folder with other things in it. Nothing changed.</summary>
public sealed class StorageRootRefusedException(Finding finding, Exception? inner = null)
    : ArchiveException($"{finding.Path}: {finding.Message} ({finding.Code})", inner)
{
    /// <summary>Why.</summary>
    public Finding Finding { get; } = finding;
}

/// <summary>Another object stands under this id. The archive is unchanged; the staged version is kept.</summary>
public sealed class ObjectExistsException(string objectId)
    : ArchiveException($"The archive already holds another object {objectId}. Stage a next version of it, or draw a new id.")
{
    /// <summary>The id both claim.</summary>
    public string ObjectId { get; } = objectId;
}

/// <summary>
/// The object is not, or no longer, at the version this one was built on. The archive is unchanged; the staged version is
/// kept. Read the object again and stage the version anew.
/// </summary>
public sealed class ObjectOutOfSyncException(string objectId, VersionNumber version, string reason)
    : ArchiveException($"Object {objectId} cannot take {version} as staged: {reason}. Read the object again and stage anew.")
{
    /// <summary>The object.</summary>
    public string ObjectId { get; } = objectId;

    /// <summary>The version that was to be added.</summary>
    public VersionNumber Version { get; } = version;
}

/// <summary>An object breaks the rules of OCFL, or uses a form this archive neither writes nor reads. It was not touched.</summary>
public sealed class DamagedObjectException(Finding finding, Exception? inner = null)
    : ArchiveException($"{finding.Path}: {finding.Message} ({finding.Code})", inner)
{
    internal DamagedObjectException(string code, string path, string message, Exception? inner = null)
        : this(new Finding(code, path, message), inner)
    {
    }

    /// <summary>The rule that is broken, where and how.</summary>
    public Finding Finding { get; } = finding;
}

/// <summary>Content does not have the digest its inventory promises (OCFL E092). What was read must not be used.</summary>
public sealed class FixityException(string path, Sha512Digest expected, Sha512Digest actual)
    : ArchiveException($"{path} does not match its SHA-512 digest: the inventory says {expected.Hex[..16]}…, the bytes say {actual.Hex[..16]}….")
{
    /// <summary>The content file, relative to the archive's folder.</summary>
    public string Path { get; } = path;

    /// <summary>What the inventory promises.</summary>
    public Sha512Digest Expected { get; } = expected;

    /// <summary>What the bytes give.</summary>
    public Sha512Digest Actual { get; } = actual;
}
