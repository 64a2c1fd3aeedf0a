using DocIngest.Backup;
using DocIngest.Backup.Checks;
using DocIngest.Storage;

namespace DocIngest.Worker.Backups;

/// <summary>Stands in where this account may not open the place of the record: nothing is known of before, and that nothing is kept is told.</summary>
/// <param name="error">Why it cannot be opened.</param>
internal sealed class UnkeptVerificationLog(StorageException error) : IVerificationLog
{
    /// <inheritdoc />
    public Task<IReadOnlyDictionary<FileId, PackVerification>> LoadAsync(CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyDictionary<FileId, PackVerification>>(new Dictionary<FileId, PackVerification>());

    /// <inheritdoc />
    public Task RecordAsync(IReadOnlyCollection<PackVerification> verifications, CancellationToken cancellation) => Task.FromException(error);

    /// <inheritdoc />
    public Task KeepOnlyAsync(IReadOnlySet<FileId> packs, CancellationToken cancellation) => Task.CompletedTask;
}
