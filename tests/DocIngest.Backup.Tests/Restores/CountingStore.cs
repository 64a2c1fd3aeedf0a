using DocIngest.Backup.Stores;
using DocIngest.Storage;

namespace DocIngest.Backup.Tests.Restores;

/// <summary>Counts what is read of packs, and refuses those that it is told to.</summary>
internal sealed class CountingStore(IRepositoryStore inner) : IRepositoryStore
{
    private int _packReads;

    public int PackReads => _packReads;

    /// <summary>Packs that cannot be read just now.</summary>
    public Predicate<FileId> Fails { get; set; } = _ => false;

    /// <summary>Whether nothing can be read at all.</summary>
    public bool IsDown { get; set; }

    public string DisplayName => inner.DisplayName;

    public IAsyncEnumerable<StoredFile> ListAsync(FileKind kind, CancellationToken cancellation) => inner.ListAsync(kind, cancellation);

    public Task<long?> FindAsync(FileKind kind, FileId id, CancellationToken cancellation) => inner.FindAsync(kind, id, cancellation);

    public Task ReadAsync(FileKind kind, FileId id, long offset, Memory<byte> destination, CancellationToken cancellation)
    {
        if (kind is FileKind.Pack)
            Interlocked.Increment(ref _packReads);
        return IsDown || (kind is FileKind.Pack && Fails(id))
            ? throw new StorageUnavailableException("The disk does not give it.")
            : inner.ReadAsync(kind, id, offset, destination, cancellation);
    }

    public Task<byte[]> ReadAllAsync(FileKind kind, FileId id, int maxBytes, CancellationToken cancellation) =>
        inner.ReadAllAsync(kind, id, maxBytes, cancellation);

    public Task SaveAsync(FileKind kind, FileId id, ReadOnlyMemory<byte> content, CancellationToken cancellation) =>
        inner.SaveAsync(kind, id, content, cancellation);

    public Task DeleteAsync(FileKind kind, FileId id, CancellationToken cancellation) => inner.DeleteAsync(kind, id, cancellation);

    public Task<byte[]?> ReadConfigAsync(CancellationToken cancellation) =>
        IsDown ? throw new StorageUnavailableException("The store does not answer.") : inner.ReadConfigAsync(cancellation);

    public Task CreateConfigAsync(ReadOnlyMemory<byte> content, CancellationToken cancellation) => inner.CreateConfigAsync(content, cancellation);
}
