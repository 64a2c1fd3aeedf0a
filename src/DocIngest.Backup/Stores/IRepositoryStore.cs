using DocIngest.Storage;

namespace DocIngest.Backup.Stores;

/// <summary>
/// The files of a repository by kind and name. All but <c>config</c> are named by the SHA-256 of their bytes and never change
/// (restic-format 1). Everything stored is sealed already, but for keys.
/// </summary>
/// <remarks>
/// <para>A file appears whole under its name or not at all, and is durable when the call that saved it returns. Writers put what is
/// referred to in place before what refers to it; a store keeps that order by nothing but this.</para>
/// <para><see cref="FileKind.Config"/> has members of its own and is refused by the others (<see cref="ArgumentException"/>).</para>
/// <para>All members may be called from several threads, and any number of processes may use the same place.</para>
/// </remarks>
/// <exception cref="StorageUnavailableException">Any member: the place does not answer. A retry may help.</exception>
/// <exception cref="StorageDeniedException">Any member of a remote store: it answers, but not to us. Nothing changed; a retry does not help.</exception>
/// <exception cref="StorageFullException">Any saving member: no space left. Nothing is visible under the name.</exception>
public interface IRepositoryStore
{
    /// <summary>What the place is called in messages for people. Never holds a secret.</summary>
    string DisplayName { get; }

    /// <summary>All files of a kind, in no order. Other names in the same place are left out; where nothing was ever saved, there is nothing.</summary>
    IAsyncEnumerable<StoredFile> ListAsync(FileKind kind, CancellationToken cancellation);

    /// <summary>The size of a file, or null where there is none.</summary>
    Task<long?> FindAsync(FileKind kind, FileId id, CancellationToken cancellation);

    /// <summary>Reads a part of a file.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">Its name.</param>
    /// <param name="offset">Where the part begins.</param>
    /// <param name="destination">Is filled.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="EntryNotFoundException">No such file.</exception>
    /// <exception cref="DamagedRepositoryException">The file ends before <paramref name="destination"/> is full.</exception>
    Task ReadAsync(FileKind kind, FileId id, long offset, Memory<byte> destination, CancellationToken cancellation);

    /// <summary>Reads a whole file. Nothing about its content is checked.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">Its name.</param>
    /// <param name="maxBytes">The most the caller takes; looked at before memory is taken.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="EntryNotFoundException">No such file.</exception>
    /// <exception cref="DamagedRepositoryException">Longer than <paramref name="maxBytes"/>.</exception>
    Task<byte[]> ReadAllAsync(FileKind kind, FileId id, int maxBytes, CancellationToken cancellation);

    /// <summary>Saves a file under the name that its bytes give it. Safe to repeat; one that is there already stays, or is healed.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">The SHA-256 of <paramref name="content"/>.</param>
    /// <param name="content">The bytes.</param>
    /// <param name="cancellation">Gives up; the file may be there or not, never in part.</param>
    Task SaveAsync(FileKind kind, FileId id, ReadOnlyMemory<byte> content, CancellationToken cancellation);

    /// <summary>Removes a file, durably; does nothing where there is none.</summary>
    Task DeleteAsync(FileKind kind, FileId id, CancellationToken cancellation);

    /// <summary>The bytes of <c>config</c>, or null where there is none.</summary>
    /// <exception cref="DamagedRepositoryException">Longer than any config.</exception>
    Task<byte[]?> ReadConfigAsync(CancellationToken cancellation);

    /// <summary>Saves the first <c>config</c>: from then on the place is a repository.</summary>
    /// <exception cref="NameTakenException">There is one. Nothing changed.</exception>
    Task CreateConfigAsync(ReadOnlyMemory<byte> content, CancellationToken cancellation);
}

/// <summary>A file as a listing tells it.</summary>
/// <param name="Id">Its name.</param>
/// <param name="SizeBytes">Its length.</param>
public readonly record struct StoredFile(FileId Id, long SizeBytes);
