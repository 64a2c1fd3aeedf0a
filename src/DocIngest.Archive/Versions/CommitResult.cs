using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>How one staged version left a group commit. Closed: only the cases below exist.</summary>
/// <param name="Staged">The version.</param>
public abstract record CommitResult(StagedVersion Staged)
{
    /// <summary>It is in the archive, and durable. Verify it before the source goes; discard its staging entry once the ledger is closed.</summary>
    public sealed record Committed(StagedVersion Staged) : CommitResult(Staged);

    /// <summary>This very version, byte for byte in its inventory, was there already: a replay. Durable, like <see cref="Committed"/>.</summary>
    public sealed record AlreadyCommitted(StagedVersion Staged) : CommitResult(Staged);

    /// <summary>The archive does not take it, and has nothing of it. The staged version is kept as it was.</summary>
    /// <param name="Reason"><see cref="ObjectExistsException"/>, <see cref="ObjectOutOfSyncException"/> or <see cref="DamagedObjectException"/>.</param>
    public sealed record Refused(StagedVersion Staged, ArchiveException Reason) : CommitResult(Staged);

    /// <summary>The disk failed while this version was put in place. Call <see cref="OcflStorageRoot.RecoverAsync"/> before anything else with the object.</summary>
    public sealed record Failed(StagedVersion Staged, StorageException Error) : CommitResult(Staged);
}
