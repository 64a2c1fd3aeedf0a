using DocIngest.Storage;

namespace DocIngest.Backup.Checks;

/// <summary>Remembers when each pack of a repository was last read whole, and how that went. Lives outside the repository: nobody needs it to restore.</summary>
/// <remarks>For one check at a time.</remarks>
/// <exception cref="StorageException">Any member: what was recorded may be lost, what was recorded before is not.</exception>
public interface IVerificationLog
{
    /// <summary>The last verification of each pack that was ever read.</summary>
    Task<IReadOnlyDictionary<FileId, PackVerification>> LoadAsync(CancellationToken cancellation);

    /// <summary>Adds verifications. Durable when it returns.</summary>
    Task RecordAsync(IReadOnlyCollection<PackVerification> verifications, CancellationToken cancellation);

    /// <summary>Forgets all packs but these: the others are no longer in the repository.</summary>
    Task KeepOnlyAsync(IReadOnlySet<FileId> packs, CancellationToken cancellation);
}

/// <summary>A pack was read whole.</summary>
/// <param name="Pack">Which.</param>
/// <param name="Time">When.</param>
/// <param name="IsSound">Whether everything in it was as it must be.</param>
public readonly record struct PackVerification(FileId Pack, DateTimeOffset Time, bool IsSound);
