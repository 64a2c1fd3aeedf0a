using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DocIngest.Storage;

namespace DocIngest.Backup.Stores;

/// <summary>A repository in a blob store, as restic's Azure backend lays it out (restic-format 1.3): its usual paths are the blobs' names.</summary>
/// <remarks>
/// <para>Saving is one conditional put. A blob that is there already is compared and stays, or is replaced by the right bytes in one step.</para>
/// <para>Nothing is tried twice here: see <see cref="RetryingStore"/>.</para>
/// </remarks>
/// <param name="blobs">Holds the repository at its root; a prefix is the blob store's own.</param>
public sealed class ContainerStore(IBlobStore blobs) : IRepositoryStore
{
    private const int MostRaces = 5;

    /// <inheritdoc />
    public string DisplayName => blobs.DisplayName;

    /// <inheritdoc />
    public async IAsyncEnumerable<StoredFile> ListAsync(FileKind kind, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var blob in blobs.ListAsync($"{RepositoryLayout.Folder(kind)}/", cancellation))
        {
            string name = blob.Name[(blob.Name.LastIndexOf('/') + 1)..];
            if (RepositoryLayout.TryParse(name, out var id) && RepositoryLayout.Path(kind, id) == blob.Name)
                yield return new StoredFile(id, blob.SizeBytes);
        }
    }

    /// <inheritdoc />
    public async Task<long?> FindAsync(FileKind kind, FileId id, CancellationToken cancellation) =>
        (await blobs.FindAsync(RepositoryLayout.Path(kind, id), cancellation))?.SizeBytes;

    /// <inheritdoc />
    public async Task ReadAsync(FileKind kind, FileId id, long offset, Memory<byte> destination, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        await using var blob = await blobs.OpenReadAsync(RepositoryLayout.Path(kind, id), offset, destination.Length, cancellation);
        int read = await blob.ReadAtLeastAsync(destination, destination.Length, throwOnEndOfStream: false, cancellation);
        if (read < destination.Length)
            throw new DamagedRepositoryException(kind, id, $"the file is too short: {destination.Length} bytes were asked for from {offset} on.");
    }

    /// <inheritdoc />
    public Task<byte[]> ReadAllAsync(FileKind kind, FileId id, int maxBytes, CancellationToken cancellation) =>
        ReadWholeAsync(RepositoryLayout.Path(kind, id), kind, id, maxBytes, cancellation);

    /// <inheritdoc />
    public async Task SaveAsync(FileKind kind, FileId id, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        string name = RepositoryLayout.Path(kind, id);
        for (int race = 0; race < MostRaces; race++)
        {
            if (await TryPutAsync(name, content, cancellation) || await IsHeldOrHealedAsync(name, kind, id, content, cancellation))
                return;
        }

        throw new StorageUnavailableException($"{DisplayName}: {kind} {id} is written and removed by others all the time.");
    }

    /// <inheritdoc />
    public async Task DeleteAsync(FileKind kind, FileId id, CancellationToken cancellation)
    {
        try
        {
            await blobs.DeleteAsync(RepositoryLayout.Path(kind, id), lease: null, cancellation);
        }
        catch (PreconditionFailedException error)
        {
            throw new StorageDeniedException($"{DisplayName}: {kind} {id} is leased by somebody, and cannot be removed until that ends.", error);
        }
    }

    /// <inheritdoc />
    public async Task<byte[]?> ReadConfigAsync(CancellationToken cancellation)
    {
        try
        {
            return await ReadWholeAsync(RepositoryLayout.Config, FileKind.Config, null, RepositoryLayout.MaxConfigBytes, cancellation);
        }
        catch (Exception error) when (error is EntryNotFoundException or ContainerNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc />
    public async Task CreateConfigAsync(ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        if (!await TryPutAsync(RepositoryLayout.Config, content, cancellation))
            throw new NameTakenException($"{DisplayName}: there is a config already.");
    }

    private async Task<byte[]> ReadWholeAsync(string name, FileKind kind, FileId? id, int maxBytes, CancellationToken cancellation)
    {
        await using var blob = await blobs.OpenReadAsync(name, 0, null, cancellation);
        return await WholeFile.ReadAsync(blob, null, kind, id, maxBytes, cancellation);
    }

    private async Task<bool> TryPutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        try
        {
            await blobs.PutIfAbsentAsync(name, StreamOf(content), cancellation);
            return true;
        }
        catch (PreconditionFailedException)
        {
            return false;
        }
    }

    /// <summary>Whether the blob holds the right bytes, already or by now. False where somebody removed or wrote it meanwhile.</summary>
    private async Task<bool> IsHeldOrHealedAsync(string name, FileKind kind, FileId id, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        try
        {
            if (await blobs.FindAsync(name, cancellation) is not { } found)
                return false;
            if (await this.HoldsAsync(kind, id, found.SizeBytes, content, cancellation))
                return true;
            await blobs.PutIfMatchAsync(name, StreamOf(content), found.Version, lease: null, cancellation);
            return true;
        }
        catch (StorageException error) when (error is PreconditionFailedException or EntryNotFoundException)
        {
            return false;
        }
    }

    private static MemoryStream StreamOf(ReadOnlyMemory<byte> content) =>
        MemoryMarshal.TryGetArray(content, out var segment)
            ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false)   // '!': TryGetArray gave it
            : new MemoryStream(content.ToArray(), writable: false);
}
