using DocIngest.Backup.Crypto;
using DocIngest.Backup.Locks;
using DocIngest.Backup.Repositories;
using DocIngest.Storage;

namespace DocIngest.Backup.Keys;

/// <summary>Gives an opened repository passwords and takes them away, under the locks that restic takes for it.</summary>
public sealed class PasswordChanges(Repository repository, LockTerms terms)
{
    private readonly KeyRing _keys = new(repository.Store);

    /// <summary>Gives it one more password.</summary>
    /// <param name="password">Not beginning or ending in white space: restic would cut that off a password file.</param>
    /// <param name="parameters">What guessing it shall cost.</param>
    /// <param name="origin">Who and where; readable without any password.</param>
    /// <param name="cancellation">Gives up; the key may be there or not.</param>
    /// <returns>The name of the new key file.</returns>
    /// <exception cref="KeyRefusedException">There are as many as restic tries. Nothing changed.</exception>
    /// <exception cref="RepositoryLockedException">Somebody has the repository for himself. Nothing changed.</exception>
    public Task<FileId> AddAsync(ReadOnlyMemory<byte> password, ScryptParameters parameters, KeyOrigin origin, CancellationToken cancellation) =>
        terms.HoldAsync(repository, isExclusive: false, stop => _keys.AddAsync(repository.Key, password, parameters, origin, stop), cancellation);

    /// <summary>Takes a password away.</summary>
    /// <param name="id">Its key file.</param>
    /// <param name="cancellation">Gives up; it may be removed or not.</param>
    /// <exception cref="KeyRefusedException">It is the one in use, or the only one. Nothing changed.</exception>
    /// <exception cref="EntryNotFoundException">There is no such key.</exception>
    /// <exception cref="RepositoryLockedException">Somebody else works in the repository. Nothing changed.</exception>
    public Task RemoveAsync(FileId id, CancellationToken cancellation) => terms.HoldAsync(
        repository,
        isExclusive: true,
        async stop =>
        {
            await _keys.RemoveAsync(id, repository.KeyId, stop);
            return true;
        },
        cancellation);
}
