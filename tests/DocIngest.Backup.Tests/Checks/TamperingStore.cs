using DocIngest.Backup.Stores;

namespace DocIngest.Backup.Tests.Checks;

/// <summary>A store on the way to which something happens to the bytes of packs. It tells nothing of strays.</summary>
internal sealed class TamperingStore(IRepositoryStore inner) : IRepositoryStore
{
    /// <summary>What happens: the pack, where its part begins, and the part.</summary>
    public Action<FileId, long, Memory<byte>> Tamper { get; set; } = (_, _, _) => { };

    public string DisplayName => inner.DisplayName;

    public IAsyncEnumerable<StoredFile> ListAsync(FileKind kind, CancellationToken cancellation) => inner.ListAsync(kind, cancellation);

    public Task<long?> FindAsync(FileKind kind, FileId id, CancellationToken cancellation) => inner.FindAsync(kind, id, cancellation);

    public async Task ReadAsync(FileKind kind, FileId id, long offset, Memory<byte> destination, CancellationToken cancellation)
    {
        await inner.ReadAsync(kind, id, offset, destination, cancellation);
        Tamper(id, offset, destination);
    }

    public Task<byte[]> ReadAllAsync(FileKind kind, FileId id, int maxBytes, CancellationToken cancellation) =>
        inner.ReadAllAsync(kind, id, maxBytes, cancellation);

    public Task SaveAsync(FileKind kind, FileId id, ReadOnlyMemory<byte> content, CancellationToken cancellation) =>
        inner.SaveAsync(kind, id, content, cancellation);

    public Task DeleteAsync(FileKind kind, FileId id, CancellationToken cancellation) => inner.DeleteAsync(kind, id, cancellation);

    public Task<byte[]?> ReadConfigAsync(CancellationToken cancellation) => inner.ReadConfigAsync(cancellation);

    public Task CreateConfigAsync(ReadOnlyMemory<byte> content, CancellationToken cancellation) => inner.CreateConfigAsync(content, cancellation);
}
